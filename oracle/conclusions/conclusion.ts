/** What the specification says of one thing that was pasted. */
export interface Conclusion {
  /** What it is about: `the exit at line 9`. */
  readonly about: string;
  readonly verdict: 'told' | 'allowed' | 'forbidden' | 'impossible' | 'unknown' | 'out of scope';
  /** One sentence each, the most important first. */
  readonly lines: readonly string[];
  /** What is missing and how it is had. */
  readonly missing?: readonly string[];
}

/** What a person may say beside the text, as flags. */
export interface Said {
  readonly maxPhysicalAddressWidth: number;
}
