import { toAldebaran } from '../../graphs/aldebaran.ts';
import { toDot } from '../../graphs/dot.ts';
import { toGraphml } from '../../graphs/graphml.ts';
import { toJson } from '../../graphs/json.ts';
import type { LabelledGraph } from '../../graphs/labelled-graph.ts';
import { toMermaid } from '../../graphs/mermaid.ts';
import { readableNodes, toSvg } from '../../graphs/svg.ts';
import { toXstateJson } from '../../graphs/xstate-json.ts';
import { CommandError, Exit } from '../exit.ts';

interface Format {
  readonly about: string;
  /** Made for eyes: too many boxes and it is refused unless told to. */
  readonly isPicture: boolean;
  write(graph: LabelledGraph): string | Promise<string>;
}

/** What a graph can be written as, by the name that `--format` takes. */
const formats: Readonly<Record<string, Format>> = {
  mermaid: { about: 'Mermaid state diagram', isPicture: true, write: toMermaid },
  dot: { about: 'Graphviz DOT', isPicture: true, write: graph => toDot(graph, { sideways: true }) },
  svg: {
    about: 'a picture, laid out here',
    isPicture: true,
    write: graph => toSvg(graph, { sideways: true }),
  },
  graphml: { about: 'GraphML', isPicture: false, write: toGraphml },
  aut: { about: 'Aldebaran, for mCRL2 and CADP', isPicture: false, write: toAldebaran },
  json: { about: 'nodes and edges as JSON', isPicture: false, write: toJson },
  xstate: { about: 'an xstate machine as JSON, for Stately', isPicture: false, write: toXstateJson },
};

/** `mermaid, dot, …`, for help and messages. */
export const formatNames = Object.keys(formats).join(', ');

/**
 * A graph in the format of that name.
 *
 * @throws CommandError for a format that there is not, and for a picture of more boxes than anybody reads.
 */
export async function written(graph: LabelledGraph, name: string, anyway: boolean): Promise<string> {
  const format = formats[name];
  if (format === undefined)
    throw new CommandError(Exit.usage, `there is no format ${name}; there are ${formatNames}`);
  if (format.isPicture && graph.nodes.length > readableNodes && !anyway) {
    throw new CommandError(
      Exit.usage,
      `${graph.nodes.length} boxes are more than anybody reads (${readableNodes}): draw the quotient (graph quotient), ` +
        'a smaller size (--set pages=1), the neighbourhood in the explorer, or say --anyway; graphml, aut and json take any size',
    );
  }
  return format.write(graph);
}
