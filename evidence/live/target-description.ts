/** One register as a stub's target description names it. */
export interface TargetRegister {
  readonly name: string;
  readonly number: number;
  readonly bits: number;
}

/** What `qXfer:features:read` gives, as far as it is read here: the architecture, and further files that it includes. */
export interface TargetDescription {
  readonly architecture: string | undefined;
  readonly includes: readonly string[];
  readonly registers: readonly TargetRegister[];
}

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\b${name}\\s*=\\s*"([^"]*)"`).exec(tag)?.[1];

/**
 * Reads one file of a target description. Registers without a number continue from the one before, over all files: the
 * first gets `next`.
 */
export function readTargetDescription(
  xml: string,
  next = 0,
): TargetDescription & { readonly next: number } {
  const registers: TargetRegister[] = [];
  let number = next;
  for (const [tag] of xml.matchAll(/<reg\b[^>]*>/g)) {
    const name = attribute(tag, 'name');
    const own = attribute(tag, 'regnum');
    if (own !== undefined && /^\d{1,6}$/.test(own)) number = Number(own);
    const bits = Number(attribute(tag, 'bitsize') ?? '64');
    if (name !== undefined) registers.push({ name, number, bits });
    number++;
  }
  return {
    architecture: /<architecture>\s*([^<\s]+)\s*<\/architecture>/.exec(xml)?.[1],
    includes: [...xml.matchAll(/<xi:include\b[^>]*>/g)].flatMap(([tag]) => attribute(tag, 'href') ?? []),
    registers,
    next: number,
  };
}
