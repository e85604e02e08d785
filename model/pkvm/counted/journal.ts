/** What was changed, so that it can be taken back: a call that is only tried leaves no trace. */
export interface Journal {
  /** Remembers how to take back a change that has just been made. */
  note(undo: () => void): void;
  /** How much has been noted: what `back` goes back to. */
  mark(): number;
  /** Takes back everything since the mark, the last first. */
  back(mark: number): void;
  /** Runs `body` and takes back all that it changed. */
  tried<T>(body: () => T): T;
  /** Forgets how to take back what has been done so far. */
  forget(): void;
}

export function createJournal(): Journal {
  const undos: (() => void)[] = [];
  const mark = (): number => undos.length;
  const back = (to: number): void => {
    while (undos.length > to) undos.pop()?.();
  };
  return {
    note: undo => {
      undos.push(undo);
    },
    mark,
    back,
    tried: body => {
      const before = mark();
      try {
        return body();
      } finally {
        back(before);
      }
    },
    forget: () => {
      undos.length = 0;
    },
  };
}

/** Puts an entry into a page of a table, so that it can be taken back. An entry that is 0, or none, is not kept. */
export function putEntry<P>(
  entries: Map<number, bigint | P>,
  index: number,
  entry: bigint | P,
  journal: Journal,
): void {
  const before = entries.get(index);
  const put = (value: bigint | P | undefined): void => {
    if (value === undefined || value === 0n) entries.delete(index);
    else entries.set(index, value);
  };
  put(entry);
  journal.note(() => {
    put(before);
  });
}
