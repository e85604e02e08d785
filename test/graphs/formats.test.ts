import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { DOMParser } from '@xmldom/xmldom';
import { MultiDirectedGraph } from 'graphology';
import graphml from 'graphology-graphml';
import { describe, expect, test } from 'vitest';
import { createMachine } from 'xstate';
import { toAldebaran } from '../../graphs/aldebaran.ts';
import { toDot } from '../../graphs/dot.ts';
import { toGraphml } from '../../graphs/graphml.ts';
import { fromJson, toJson } from '../../graphs/json.ts';
import { bundled, checked, edgeLabel, withoutRefused } from '../../graphs/labelled-graph.ts';
import { toMermaid } from '../../graphs/mermaid.ts';
import { toSvg } from '../../graphs/svg.ts';
import { toXstateJson } from '../../graphs/xstate-json.ts';
import { missing, piped } from './debian-tool.ts';
import { readAldebaran } from './read-aldebaran.ts';
import { sample } from './sample-graph.ts';

const arrows = bundled(sample).edges.length;
const counts = { nodes: sample.nodes.length, edges: sample.edges.length };

describe('a labelled graph', () => {
  test('is refused with two nodes of one id, or an edge that ends nowhere', () => {
    const [node] = sample.nodes;
    const twice = { ...sample, nodes: [...sample.nodes, ...(node === undefined ? [] : [node])] };
    expect(() => checked(twice)).toThrow('node host.OWNED is declared twice');
    const astray = { ...sample, edges: [{ from: 'host.OWNED', to: 'nowhere', event: 'go' }] };
    expect(() => checked(astray)).toThrow('there is no node nowhere');
  });

  test('bundles the edges between two nodes, and counts the labels that it does not show', () => {
    expect(bundled(sample, 1).edges[0]).toEqual({
      from: 'host.OWNED',
      to: 'host OWNED',
      event: 'donate(page="0x1000") [a < b]\nand 1 more',
    });
    expect(arrows).toBe(sample.edges.length - 1);
  });

  test('without its refused calls keeps every other edge', () => {
    expect(withoutRefused(sample).edges).toEqual(sample.edges.filter(edge => edge.refused !== true));
  });
});

describe('DOT', () => {
  test('is read by Graphviz with the same nodes and arrows, and with the labels as they were', async () => {
    const graphviz = await Graphviz.load();
    const read = JSON.parse(graphviz.layout(toDot(sample), 'json', 'dot')) as {
      objects: { label: string }[];
      edges: { label: string }[];
    };
    expect([read.objects.length, read.edges.length]).toEqual([counts.nodes, arrows]);
    expect(read.objects.map(({ label }) => label)).toEqual(
      sample.nodes.map(({ label }) => label.replaceAll('\n', '\\n')),
    );
  });

  test.skipIf(missing('gc', 'graphviz'))("is counted by Debian's gc", () => {
    const [nodes, edges] = piped('gc', ['-n', '-e'], toDot(sample)).trim().split(/\s+/).map(Number);
    expect([nodes, edges]).toEqual([counts.nodes, arrows]);
  });
});

describe('SVG', () => {
  test('holds a group for every node and arrow, and no text that is not well-formed', async () => {
    const complaints: string[] = [];
    const parser = new DOMParser({ onError: (_level, message) => complaints.push(message) });
    const document = parser.parseFromString(await toSvg(sample), 'image/svg+xml');
    const groups = Array.from(
      document.getElementsByTagName('g'),
      group => group.getAttribute('class') ?? '',
    );
    expect(complaints).toEqual([]);
    expect(groups.filter(name => name.startsWith('node'))).toHaveLength(counts.nodes);
    expect(groups.filter(name => name.startsWith('edge'))).toHaveLength(arrows);
  });

  test('says how wide each text is, and no text is wider than its box: so it is on a machine without the font', async () => {
    const label = 'SPPT L4E in root A: 0x0000_0000_0000_0000\nhost_undonate_guest & <Wide> WWWW @@@@';
    const node = { id: 'a', label };
    const svg = await toSvg({ name: 'wide', initial: 'a', nodes: [node], edges: [] }, { bare: true });
    const lengths = [...svg.matchAll(/<text [^>]*textLength="([\d.]+)"/g)].map(([, length]) =>
      Number(length),
    );
    const path = /class="node[^]*?<path [^>]* d="([^"]+)"/.exec(svg)?.[1] ?? '';
    const across = [...path.matchAll(/(-?[\d.]+),-?[\d.]+/g)].map(([, x]) => Number(x));
    expect(lengths).toHaveLength(2);
    expect(Math.max(...lengths)).toBeGreaterThan(200);
    expect(Math.max(...lengths)).toBeLessThan(Math.max(...across) - Math.min(...across));
  });
});

describe('GraphML', () => {
  test('is read by graphology with the same counts, parallel edges and attributes', () => {
    const graph = graphml.parse(MultiDirectedGraph, toGraphml(sample));
    expect([graph.order, graph.size]).toEqual([counts.nodes, counts.edges]);
    expect(graph.getNodeAttribute('host.OWNED', 'label')).toBe('host: "OWNED"\nguest: NOPAGE');
    expect(graph.mapEdges((_key, attributes) => attributes['call'])).toEqual(sample.edges.map(edgeLabel));
    expect(graph.filterEdges((_key, attributes) => attributes['refused'] === true)).toHaveLength(1);
  });

  test.skipIf(missing('graphml2gv', 'graphviz'))("is read by Debian's graphml2gv", () => {
    const dot = piped('graphml2gv', [], toGraphml(sample));
    const [nodes, edges] = piped('gc', ['-n', '-e'], dot).trim().split(/\s+/).map(Number);
    expect([nodes, edges]).toEqual([counts.nodes, counts.edges]);
  });
});

describe('Aldebaran', () => {
  test('is read by the grammar of the format with the same counts and labels', () => {
    const read = readAldebaran(toAldebaran(sample));
    expect([read.states, read.transitions.length, read.initial]).toEqual([counts.nodes, counts.edges, 0]);
    expect(read.transitions[1]).toEqual({ from: 0, label: "donate(page='0x2000')", to: 1 });
  });
});

describe('JSON', () => {
  test('gives the same graph back', () => {
    expect(fromJson(JSON.parse(toJson(sample)))).toEqual(sample);
  });

  test('of another shape is refused', () => {
    expect(() => fromJson({ ...sample, format: 'pagewarden graph 2' })).toThrow('format');
  });
});

describe('xstate JSON', () => {
  test('makes a machine with the same states and transitions', () => {
    const machine = createMachine(JSON.parse(toXstateJson(sample)));
    const states = Object.values(machine.states);
    const transitions = states.flatMap(state => [...state.transitions.values()].flat());
    expect([states.length, transitions.length]).toEqual([counts.nodes, counts.edges]);
    expect(machine.root.initial.target?.[0]?.key).toBe('host_OWNED');
    expect(transitions.map(({ guard }) => guard).filter(guard => guard !== undefined)).toEqual(['a < b']);
    expect(states.filter(({ type }) => type === 'final')).toHaveLength(1);
  });
});

describe('Mermaid', () => {
  test('says every node, arrow and colour once, and no character that ends a label early', () => {
    const lines = toMermaid(sample).trimEnd().split('\n');
    expect(lines[0]).toBe('stateDiagram-v2');
    expect(lines.filter(line => /^ {2}\w+ : [^;:"<>{}]*(<br>|#\d+;|[^;:"<>{}])*$/.test(line))).toHaveLength(
      counts.nodes,
    );
    expect(lines.filter(line => /^ {2}\w+ --> \w+ : /.test(line))).toHaveLength(arrows);
    expect(lines.filter(line => line.includes('[*]'))).toEqual(['  [*] --> host_OWNED', '  end_2 --> [*]']);
    expect(lines.filter(line => line.startsWith('  class '))).toHaveLength(4);
  });
});
