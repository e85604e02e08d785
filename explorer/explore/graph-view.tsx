import { useEffect, useRef, useState } from 'preact/hooks';
import { identifiers } from '../../graphs/identifiers.ts';
import type { LabelledGraph } from '../../graphs/labelled-graph.ts';
import { palette, tonesOf } from '../../graphs/palette.ts';
import { toSvg } from '../../graphs/svg.ts';
import { savePicture } from './save-picture.ts';
import { useZoom } from './use-zoom.ts';

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

/** What the colours mean, as far as the picture has them. */
function Legend({ graph }: { readonly graph: LabelledGraph }) {
  const tones = tonesOf(graph);
  if (tones.length === 0) return null;
  return (
    <ul class="legend" aria-label="what the colours mean">
      {tones.map(tone => (
        <li key={tone}>
          <span
            class="swatch"
            style={{ background: palette[tone].fill, borderColor: palette[tone].line }}
            aria-hidden="true"
          />
          {palette[tone].meaning}
        </li>
      ))}
    </ul>
  );
}

/** A graph as Graphviz lays it out, to be zoomed, panned and saved; a click on a box goes there. */
export function GraphView({ graph, here, onPick, sideways = false }: GraphViewProps) {
  const place = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [svg, setSvg] = useState('');
  const zoom = useZoom(place, svg);
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
    <div class="graph-frame" ref={frame}>
      <div class="graph-tools" role="toolbar" aria-label="the picture">
        <button type="button" aria-label="smaller" onClick={() => zoom.by(1 / 1.3)}>
          −
        </button>
        <button type="button" aria-label="bigger" onClick={() => zoom.by(1.3)}>
          +
        </button>
        <button type="button" onClick={zoom.fit}>
          Fit
        </button>
        <button
          type="button"
          onClick={() =>
            void (document.fullscreenElement === null
              ? frame.current?.requestFullscreen()
              : document.exitFullscreen())
          }
        >
          Full screen
        </button>
        <button type="button" onClick={() => void savePicture(graph, sideways, 'svg')}>
          Save SVG
        </button>
        <button type="button" onClick={() => void savePicture(graph, sideways, 'png')}>
          PNG
        </button>
        <Legend graph={graph} />
      </div>
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
    </div>
  );
}
