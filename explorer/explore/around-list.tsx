import type { LabelledGraph } from '../../graphs/labelled-graph.ts';

interface AroundListProps {
  readonly graph: LabelledGraph;
  readonly onPick: (node: string) => void;
}

/** The states around, a row each: a call that leads there, and what is different then. */
export function AroundList({ graph, onPick }: AroundListProps) {
  const others = graph.nodes.filter(({ id }) => id !== graph.initial);
  return (
    <ol class="nearby">
      {others.map(({ id, label }) => {
        const into = graph.edges.filter(({ to, from }) => to === id && from !== id);
        const [first] = into.filter(({ from }) => from === graph.initial).concat(into);
        return (
          <li key={id}>
            <button type="button" onClick={() => onPick(id)}>
              <code>
                {first?.from === graph.initial ? '' : '… '}
                {first?.event}
              </code>
              <span class="label">{label}</span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
