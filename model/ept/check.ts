/** One named question about a subject. Lists of them are the decisions of a walk, each with its own name. */
export interface Check<Name extends string, Subject> {
  readonly name: Name;
  /** Where it comes from. */
  readonly source: string;
  holds(subject: Subject): boolean;
}

export type Checks<Name extends string, Subject> = readonly Check<Name, Subject>[];
