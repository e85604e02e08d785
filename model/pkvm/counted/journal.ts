/** What was changed, so that it can be taken back: a call that is only tried leaves no trace. */
export interface Journal {
  /** Remembers how to take back a change that has just been made. */
  note(undo: () => void): void;
  /** Runs `body` and takes back all that it changed. */
  tried<T>(body: () => T): T;
  /** Takes back everything since the journal last forgot. */
  rewind(): void;
  /** Forgets how to take back what has been done so far. */
  forget(): void;
}

export function createJournal(): Journal {
  const undos: (() => void)[] = [];
  const rewindTo = (mark: number): void => {
    while (undos.length > mark) undos.pop()?.();
  };
  return {
    note: undo => {
      undos.push(undo);
    },
    tried: body => {
      const mark = undos.length;
      try {
        return body();
      } finally {
        rewindTo(mark);
      }
    },
    rewind: () => {
      rewindTo(0);
    },
    forget: () => {
      undos.length = 0;
    },
  };
}
