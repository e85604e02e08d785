import type { LabelledGraph } from '../../graphs/labelled-graph.ts';
import { toSvg } from '../../graphs/svg.ts';

/** A PNG has this many pixels for each unit of the drawing: sharp in print too. */
const pixels = 2;

function save(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}

const svgUrl = (svg: string): string => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;

async function pngUrl(svg: string): Promise<string> {
  const image = new Image();
  image.src = svgUrl(svg);
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width * pixels, image.height * pixels];
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws no pictures');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/png');
}

/** Saves a graph as a file, with its title and its legend, on white. */
export async function savePicture(
  graph: LabelledGraph,
  sideways: boolean,
  format: 'svg' | 'png',
): Promise<void> {
  const drawn = await toSvg(graph, { sideways });
  const name = `${graph.name.replaceAll(/[^\w.-]+/g, '-')}.${format}`;
  save(format === 'svg' ? svgUrl(drawn) : await pngUrl(drawn), name);
}
