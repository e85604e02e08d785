import { useEffect, useRef, useState } from 'preact/hooks';
import { identifiers } from '../../graphs/identifiers.ts';
import type { LabelledGraph } from '../../graphs/labelled-graph.ts';
import { toSvg } from '../../graphs/svg.ts';

interface GraphViewProps {
  readonly graph: LabelledGraph;
  /** The node where the reader stands. */
  readonly here: string | undefined;
  readonly onPick: (node: string) => void;
  readonly sideways?: boolean;
}

/** Makes every box of a picture a button that the keyboard reaches too. */
function enliven(picture: HTMLElement, graph: LabelledGraph): void {
  const name = identifiers(graph);
  const byName = new Map(graph.nodes.map(node => [name(node.id), node]));
  for (const box of picture.querySelectorAll('g.node')) {
    const node = byName.get(box.querySelector('title')?.textContent ?? '');
    if (node === undefined) continue;
    box.setAttribute('tabindex', '0');
    box.setAttribute('role', 'button');
    box.setAttribute('aria-label', `go to ${node.label.replaceAll('\n', ', ')}`);
    box.setAttribute('data-node', node.id);
  }
  for (const title of picture.querySelectorAll('title')) title.remove();
  const svg = picture.querySelector('svg');
  svg?.setAttribute('role', 'group');
  svg?.setAttribute('aria-label', graph.name);
}

const nodeOf = (target: EventTarget | null): string | undefined =>
  target instanceof Element
    ? (target.closest('g.node')?.getAttribute('data-node') ?? undefined)
    : undefined;

/** A graph as Graphviz lays it out; a click on a box goes there. */
export function GraphView({ graph, here, onPick, sideways = false }: GraphViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const [svg, setSvg] = useState('');
  const options = { bare: true, sideways, ...(here === undefined ? {} : { marked: here }) };
  const key = JSON.stringify([graph, options]);
  useEffect(() => {
    let isCurrent = true;
    void toSvg(graph, options).then(drawn => {
      if (isCurrent) setSvg(drawn.slice(drawn.indexOf('<svg')));
    });
    return () => {
      isCurrent = false;
    };
  }, [key]);
  useEffect(() => {
    if (place.current !== null) enliven(place.current, graph);
  }, [svg]);
  return (
    <div
      class="graph"
      ref={place}
      onClick={event => {
        const node = nodeOf(event.target);
        if (node !== undefined) onPick(node);
      }}
      onKeyDown={event => {
        const node = event.key === 'Enter' ? nodeOf(event.target) : undefined;
        if (node !== undefined) onPick(node);
      }}
      // the picture is Graphviz' own output over our own labels, which it escapes
      dangerouslySetInnerHTML={{ __html: svg }}
    />
  );
}
