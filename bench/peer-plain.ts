import { enumerate } from '../checker/index.ts';
import { ownership } from '../systems/ownership/index.ts';

/** The plain way: the real code for every call in every state, one string key a state. */
const [, , , set = ''] = process.argv;
const parameters = Object.fromEntries(
  set.split(',').map(part => {
    const [name = '', value = ''] = part.split('=');
    return [name, Number.isNaN(Number(value)) ? value : Number(value)];
  }),
);
const { states, edges } = enumerate(ownership.build(parameters), Infinity);
console.log(JSON.stringify({ states: states.length, transitions: edges.length }));
