import type { LabelledGraph, Tone } from './labelled-graph.ts';

/** How a tone looks and what the legend calls it. Ink on fill has a contrast of at least 7 to 1. */
export interface Swatch {
  readonly fill: string;
  readonly line: string;
  readonly meaning: string;
}

export const ink = '#1b1f24';

export const palette: Readonly<Record<Tone, Swatch>> = {
  host: { fill: '#dbeafe', line: '#3b6fb6', meaning: 'the host owns it' },
  hypervisor: { fill: '#e5e7eb', line: '#6b7280', meaning: 'the hypervisor owns it' },
  guest: { fill: '#dcfce7', line: '#3a8a57', meaning: 'a guest owns it' },
  shared: { fill: '#fef3c7', line: '#b7862b', meaning: 'two parties may reach it' },
  mixed: { fill: '#f5f5f4', line: '#8a857d', meaning: 'pages of several owners' },
  allowed: { fill: '#dcfce7', line: '#3a8a57', meaning: 'the access is allowed' },
  exit: { fill: '#fef3c7', line: '#b7862b', meaning: 'a VM exit that software handles' },
  fault: { fill: '#fee2e2', line: '#b84a4a', meaning: 'a misconfiguration or a violated property' },
};

/** The tones that a graph uses, in the palette's order: its legend. */
export function tonesOf(graph: LabelledGraph): Tone[] {
  const used = new Set(graph.nodes.map(node => node.tone));
  return (Object.keys(palette) as Tone[]).filter(tone => used.has(tone));
}
