/**
 * Pictures in Markdown files: a fenced Mermaid block below a comment that says which machine it draws, as in
 * `<!-- pagewarden graph machine page-ownership -->`. The comment stays, the block is made anew from the code.
 */
const marked = /<!-- pagewarden graph machine ([\w-]+) -->\n+```mermaid\n[\s\S]*?```/g;

/** The machines whose pictures a Markdown text shows. */
export const picturesIn = (markdown: string): string[] =>
  [...markdown.matchAll(marked)].map(([, name = '']) => name);

/** The text with every such picture as `draw` gives it for the machine's name. */
export const withPictures = (markdown: string, draw: (machine: string) => string): string =>
  markdown.replaceAll(
    marked,
    (_block, name: string) =>
      `<!-- pagewarden graph machine ${name} -->\n\n\`\`\`mermaid\n${draw(name)}\`\`\``,
  );

const provenMark = /<!-- pagewarden proven -->\n(?:\n*(?:\|.*\n)+)?/;

/** Whether a text shows the table of what is proven. */
export const showsProven = (markdown: string): boolean => provenMark.test(markdown);

/** The text with the table of what is proven as it is now. */
export const withProven = (markdown: string, table: string): string =>
  markdown.replace(provenMark, `<!-- pagewarden proven -->\n\n${table}\n`);
