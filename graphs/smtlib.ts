import type { Head, Obligations, ObligedStep, Pattern, Standing } from '../checker/index.ts';

/** The obligations as one script: a solver answers each of them `unsat`, in this order, or one is false. */
export interface SmtScript {
  readonly text: string;
  readonly names: readonly string[];
  /** One obligation by itself, with the values of the flags asked for: for a solver that has answered `sat`. */
  alone(at: number): string;
  /** By the name of a flag, what is broken where a model says that it is true. */
  readonly meanings: ReadonlyMap<string, string>;
}

/** An invariant, and its name in a model that breaks it. */
interface Invariant {
  readonly name: string;
  readonly about: string;
  readonly says: (relation: (head: number) => string) => string;
}

const quoted = (name: string): string => `|${name.replaceAll(/[|\\]/g, '/')}|`;
const call = (name: string, args: readonly string[]): string =>
  args.length === 0 ? name : `(${name} ${args.join(' ')})`;
const and = (parts: readonly string[]): string =>
  parts.length === 0 ? 'true' : parts.length === 1 ? (parts[0] ?? '') : `(and ${parts.join(' ')})`;
const or = (parts: readonly string[]): string =>
  parts.length === 0 ? 'false' : parts.length === 1 ? (parts[0] ?? '') : `(or ${parts.join(' ')})`;

/** Variables of these sorts. */
const variables = (sorts: readonly string[], prefix: string): readonly (readonly [string, string])[] =>
  sorts.map((sort, at) => [`${prefix}${at}`, quoted(sort)]);
const names = (bound: readonly (readonly [string, string])[]): string[] => bound.map(([name]) => name);
const quantified = (
  quantifier: 'forall' | 'exists',
  bound: readonly (readonly [string, string])[],
  body: string,
): string =>
  bound.length === 0
    ? body
    : `(${quantifier} (${bound.map(([name, sort]) => `(${name} ${sort})`).join(' ')}) ${body})`;

/** That names of one sort are the same member exactly where a numbering says so. */
function alike(bound: readonly (readonly [string, string])[], numbering: readonly number[]): string {
  const parts: string[] = [];
  bound.forEach(([one, sort], at) =>
    bound.slice(0, at).forEach(([other, otherSort], before) => {
      if (sort !== otherSort) return;
      const same = `(= ${other} ${one})`;
      parts.push(numbering[at] === numbering[before] ? same : `(not ${same})`);
    }),
  );
  return and(parts);
}

/** The obligations of a candidate invariant as SMT-LIB 2.6 over uninterpreted sorts: members of any number. */
class Writer {
  readonly #obligations: Obligations;
  readonly #heads: ReadonlyMap<number, Head>;

  constructor(obligations: Obligations) {
    this.#obligations = obligations;
    this.#heads = new Map(obligations.heads.map(head => [head.id, head]));
  }

  #head(id: number): Head {
    const found = this.#heads.get(id);
    if (found === undefined) throw new RangeError(`no head ${id}`);
    return found;
  }

  readonly #before = (head: number): string => quoted(this.#head(head).name);
  readonly #after = (head: number): string => quoted(`${this.#head(head).name} after`);

  declarations(): string[] {
    const { heads, sortOf } = this.#obligations;
    return [
      '(set-logic UF)',
      ...[...new Set(sortOf)].map(sort => `(declare-sort ${quoted(sort)} 0)`),
      ...heads.map(
        ({ id, sorts }) => `(declare-fun ${this.#before(id)} (${sorts.map(quoted).join(' ')}) Bool)`,
      ),
      ...this.#oneValueEach(),
    ];
  }

  /** A slot holds one value at most. That it holds one is what a step says of the slots that it looks at. */
  #oneValueEach(): string[] {
    const { heads } = this.#obligations;
    return heads.flatMap((one, at) =>
      heads
        .slice(0, at + 1)
        .filter(other => other.class === one.class)
        .map(other => {
          const own = variables(one.sorts.slice(0, one.own), 's');
          const [x, y] = [
            variables(one.sorts.slice(one.own), 'x'),
            variables(other.sorts.slice(other.own), 'y'),
          ];
          const both = and([
            call(this.#before(one.id), names([...own, ...x])),
            call(this.#before(other.id), names([...own, ...y])),
          ]);
          const same = one === other ? and(x.map(([name], nth) => `(= ${name} ${y[nth]?.[0]})`)) : 'false';
          return `(assert ${quantified('forall', [...own, ...x, ...y], `(=> ${both} ${same})`)})`;
        }),
    );
  }

  invariants(): Invariant[] {
    const { heads, witnesses, excluded } = this.#obligations;
    return [
      ...heads.map(head => this.#unit(head)),
      ...heads.flatMap((one, at) => heads.slice(0, at + 1).map(other => this.#pair(one, other))),
      ...excluded.map((pattern, at) => this.#excluded(pattern, at)),
      ...witnesses.map((_, at) => this.#witness(at)),
    ];
  }

  #unit(head: Head): Invariant {
    const x = variables(head.sorts, 'x');
    const patterns = this.#obligations.units.filter(({ heads: [id] }) => id === head.id);
    const allowed = or(patterns.map(({ numbering }) => alike(x, numbering)));
    return {
      name: `unit ${head.id}`,
      about: `a slot holds ${head.name}`,
      says: relation => quantified('forall', x, `(=> ${call(relation(head.id), names(x))} ${allowed})`),
    };
  }

  /** What two variables' tuples may be together: a kind in either order. */
  #together(
    one: readonly (readonly [string, string])[],
    other: readonly (readonly [string, string])[],
    [a, b]: readonly [number, number],
    { heads: [first, second], numbering }: Pattern,
  ): string[] {
    const inOrder = first === a && second === b ? [alike([...one, ...other], numbering)] : [];
    const turned = first === b && second === a ? [alike([...other, ...one], numbering)] : [];
    return [...inOrder, ...turned];
  }

  #pair(one: Head, other: Head): Invariant {
    const [x, y] = [variables(one.sorts, 'x'), variables(other.sorts, 'y')];
    const allowed = this.#obligations.pairs.flatMap(kind => this.#together(x, y, [one.id, other.id], kind));
    const ownOf = (bound: typeof x, { own }: Head): string[] => names(bound.slice(0, own));
    const [s, t] = [ownOf(x, one), ownOf(y, other)];
    const isSameSlot =
      one.class === other.class ? and(s.map((name, at) => `(= ${name} ${t[at]})`)) : 'false';
    return {
      name: `pair ${one.id} ${other.id}`,
      about: `${one.name} and ${other.name} stand together`,
      says: relation => {
        const both = and([call(relation(one.id), names(x)), call(relation(other.id), names(y))]);
        return quantified('forall', [...x, ...y], `(=> ${both} ${or([isSameSlot, ...allowed])})`);
      },
    };
  }

  #excluded({ heads, numbering }: Pattern, number: number): Invariant {
    const bound = heads.map((head, at) => variables(this.#head(head).sorts, `x${at}_`));
    return {
      name: `excluded ${number}`,
      about: `${heads.map(head => this.#head(head).name).join(', ')} stand together`,
      says: relation => {
        const all = heads.map((head, at) => call(relation(head), names(bound[at] ?? [])));
        return quantified('forall', bound.flat(), `(not ${and([...all, alike(bound.flat(), numbering)])})`);
      },
    };
  }

  #witness(at: number): Invariant {
    const obligation = this.#obligations.witnesses[at];
    const head = this.#head(obligation?.unit.heads[0] ?? -1);
    const x = variables(head.sorts, 'x');
    return {
      name: `witness ${at}`,
      about: `${head.name} stands without what must exist beside it`,
      says: relation => {
        const some = (obligation?.kinds ?? []).map(kind => {
          const [first = head.id, second = head.id] = kind.heads;
          const other = this.#head(first === head.id ? second : first);
          const y = variables(other.sorts, 'y');
          const patterns = this.#together(x, y, [head.id, other.id], kind);
          return quantified('exists', y, and([call(relation(other.id), names(y)), or(patterns)]));
        });
        const stands = and([call(relation(head.id), names(x)), alike(x, obligation?.unit.numbering ?? [])]);
        return quantified('forall', x, `(=> ${stands} ${or(some)})`);
      },
    };
  }

  /** What is asked last: one of the invariants is broken, which one a model says. */
  #broken(invariants: readonly Invariant[], relation: (head: number) => string): string[] {
    const flags = invariants.map(({ name }) => quoted(name));
    return [
      ...flags.map(flag => `(declare-const ${flag} Bool)`),
      ...invariants.map(({ says }, at) => `(assert (=> ${flags[at]} (not ${says(relation)})))`),
      `(assert ${or(flags)})`,
      '(check-sat)',
    ];
  }

  initial(invariants: readonly Invariant[]): string[] {
    const { initial } = this.#obligations;
    const starts = initial.map(({ heads: [id = 0], numbering }) => {
      const { sorts, own } = this.#head(id);
      const s = variables(sorts.slice(0, own), 's');
      // what the value names is what the slot names, by the numbering
      const all = numbering.map(
        (number, at) => (at < own ? s[at]?.[0] : s[numbering.indexOf(number)]?.[0]) ?? '',
      );
      const isPattern = alike(s, numbering.slice(0, own));
      return `(assert ${quantified('forall', s, `(=> ${isPattern} ${call(this.#before(id), all)})`)})`;
    });
    return [...starts, ...this.#broken(invariants, this.#before)];
  }

  assumed(invariants: readonly Invariant[]): string[] {
    return invariants.map(({ says }) => `(assert ${says(this.#before)})`);
  }

  step({ before, writes }: ObligedStep, invariants: readonly Invariant[]): string[] {
    const { heads, sortOf } = this.#obligations;
    const members = [...new Set([...before, ...writes].flatMap(({ names: all }) => all))];
    const ofSort = [...new Set(sortOf)].map(sort => members.filter(member => sortOf[member] === sort));
    const stands = ({ head, names: all }: Standing): string =>
      call(
        this.#before(head),
        all.map(member => `m${member}`),
      );
    return [
      ...members.map(member => `(declare-const m${member} ${quoted(sortOf[member] ?? '')})`),
      ...ofSort
        .filter(all => all.length > 1)
        .map(all => `(assert (distinct ${all.map(member => `m${member}`).join(' ')}))`),
      ...before.map(standing => `(assert ${stands(standing)})`),
      ...heads.map(head => this.#afterwards(head, writes)),
      ...this.#broken(invariants, this.#after),
    ];
  }

  /** A head after the step: as it was, but for the slots that are written. */
  #afterwards(head: Head, writes: readonly Standing[]): string {
    const x = variables(head.sorts, 'x');
    const written = writes.filter(({ head: other }) => this.#head(other).class === head.class);
    const is = (all: readonly number[], from: number, to: number): string =>
      and(all.slice(from, to).map((member, at) => `(= ${x[from + at]?.[0]} m${member})`));
    const body = written.reduce(
      (rest, { head: other, names: all }) =>
        `(ite ${is(all, 0, head.own)} ${other === head.id ? is(all, head.own, all.length) : 'false'} ${rest})`,
      call(this.#before(head.id), names(x)),
    );
    const bound = x.map(([name, sort]) => `(${name} ${sort})`).join(' ');
    return `(define-fun ${this.#after(head.id)} (${bound}) Bool ${body})`;
  }
}

/** The obligations of a candidate, for any solver that reads SMT-LIB 2.6 and keeps a stack of assertions. */
export function toSmtlib(obligations: Obligations, title: string): SmtScript {
  const writer = new Writer(obligations);
  const invariants = writer.invariants();
  const [declared, assumed] = [writer.declarations(), writer.assumed(invariants)];
  const first = writer.initial(invariants);
  const steps = obligations.steps.map(({ call: name }, at) => `${at + 1} ${name}`);
  const stepAt = (at: number): string[] => {
    const step = obligations.steps[at];
    return step === undefined ? [] : writer.step(step, invariants);
  };
  const within = (lines: readonly string[]): string[] => ['(push 1)', ...lines, '(pop 1)'];
  const head = [
    `; ${title}: each answer is unsat where the candidate is an inductive invariant of any number of members`,
    ...obligations.left.map(name => `; left out, since it loops over members: ${name}`),
  ];
  return {
    names: ['initial', ...steps],
    text: [
      ...head,
      ...declared,
      ...within(first),
      ...assumed,
      ...steps.flatMap((name, at) => [`; ${name}`, ...within(stepAt(at))]),
      '',
    ].join('\n'),
    alone: at => {
      const asked = at === 0 ? first : [...assumed, ...stepAt(at - 1)];
      const flags = invariants.map(({ name }) => quoted(name)).join(' ');
      return [
        '(set-option :produce-models true)',
        ...declared,
        ...asked,
        `(get-value (${flags}))`,
        '',
      ].join('\n');
    },
    meanings: new Map(invariants.map(({ name, about }) => [name, about])),
  };
}
