import { type Decision, isRefusal, type LearnedStep, type Relations } from '../checker/index.ts';
import { actionText, resultText, valueText } from './export-names.ts';
import { checked, type GraphEdge, type GraphNode, type LabelledGraph } from './labelled-graph.ts';

/** More values than this are counted on an arrow, not listed. */
const listed = 4;

/**
 * What the engine has learned of one call: which slots it reads, in order, and what it returns and writes. Branches that
 * go on alike are one box. What no arrow says was never met in a reachable state.
 */
export function fromDecision(
  { system, values }: Relations,
  { action, decision }: Relations['steps'][number],
): LabelledGraph {
  const nodes = new Map<string, GraphNode>();
  const edges: GraphEdge[] = [];
  const ids = new Map<string, string>();
  const shown = (slot: number, code: number): string => {
    const [of, value] = [system.slots[slot], values[slot]?.[code]];
    return of === undefined || value === undefined ? '?' : valueText(of, value);
  };
  const outcome = ({ result, writes }: LearnedStep): string =>
    [
      resultText(result),
      ...writes.map(({ slot, code }) => `${system.slots[slot]?.name} ← ${shown(slot, code)}`),
    ].join('\n');
  const draw = (at: Decision<LearnedStep>): string => {
    const key = JSON.stringify(at);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = `${at.kind}${ids.size}`;
    ids.set(key, id);
    if (at.kind === 'decided') {
      const refused = at.as.result === undefined || isRefusal(system, at.as.result);
      nodes.set(id, {
        id,
        label: outcome(at.as),
        final: true,
        ...(refused ? { tone: 'fault' } : { tone: 'allowed' }),
      });
      return id;
    }
    nodes.set(id, { id, label: at.slots.map(slot => system.slots[slot]?.name).join(', ') });
    for (const { seen, then } of at.branches) {
      const tuples = seen.map(codes =>
        codes.map((code, place) => shown(at.slots[place] ?? -1, code)).join(', '),
      );
      const event = tuples.length > listed ? `${tuples.length} values` : tuples.join('\n');
      edges.push({ from: id, to: draw(then), event });
    }
    return id;
  };
  const initial = draw(decision);
  return checked({
    name: `${system.name}: ${actionText(action)}`,
    initial,
    nodes: [...nodes.values()],
    edges,
  });
}
