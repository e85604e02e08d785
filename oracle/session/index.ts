export { type Answer, type Heard, protocolVersion, Session } from './session.ts';
export { type Coverage, type Summary, Tally } from './tally.ts';
