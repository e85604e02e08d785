import {
  type Always,
  collect,
  disabled,
  each,
  type Instance,
  type Read,
  type Sized,
  type Slot,
  some,
} from '../../../checker/index.ts';
import { tiny } from './tiny.ts';

/** Small systems of every size of which it is known what is true, and what it takes to prove it. */

const source = 'the zoo';
const always = (name: string, instances: readonly Instance[]): Always => ({
  kind: 'always',
  name,
  source,
  instances,
});
const isCritical = (value: string | number | boolean): boolean => value === 'critical';
const isTrue = (value: string | number | boolean): boolean => value === true;

/** Mutual exclusion by one lock. True for every number of processes; two slots at a time are enough. */
export const mutex: Sized = tiny('mutex', ['process'], ({ members, slot, call }) => {
  const lock = slot('lock', 'free');
  const processes = members('process').map(of => ({ of, at: slot('at', 'idle', of) }));
  return {
    actions: processes.flatMap(({ of, at }) => [
      call('enter', [of], (read, write) => {
        if (read(lock) !== 'free' || read(at) !== 'idle') return disabled;
        write(lock, of.name);
        write(at, 'critical');
        return 'ok';
      }),
      call('leave', [of], (read, write) => {
        if (read(at) !== 'critical') return disabled;
        write(lock, 'free');
        write(at, 'idle');
        return 'ok';
      }),
    ]),
    properties: [
      always('at most one process is in its critical section', [
        {
          about: '',
          holds: read =>
            collect(
              read,
              processes.map(({ at }) => at),
              isCritical,
            ).length <= 1,
        },
      ]),
    ],
  };
});

/**
 * Mutual exclusion by tickets of a counter that wraps around at three: right for three processes and no more, because
 * the fourth gets the ticket of the first.
 */
export const wrappingTickets: Sized = tiny('wrapping tickets', ['process'], ({ members, slot, call }) => {
  const next = slot('next', 0);
  const serving = slot('serving', 0);
  const processes = members('process').map(of => ({
    of,
    ticket: slot('ticket', 'none', of),
    at: slot('at', 'idle', of),
  }));
  return {
    actions: processes.flatMap(({ of, ticket, at }) => [
      call('take a ticket', [of], (read, write) => {
        if (read(ticket) !== 'none') return disabled;
        write(ticket, read(next));
        write(next, (Number(read(next)) + 1) % 3);
        return 'ok';
      }),
      call('enter', [of], (read, write) => {
        if (read(at) !== 'idle' || read(ticket) !== read(serving)) return disabled;
        write(at, 'critical');
        return 'ok';
      }),
      call('leave', [of], (read, write) => {
        if (read(at) !== 'critical') return disabled;
        write(at, 'idle');
        write(ticket, 'none');
        write(serving, (Number(read(serving)) + 1) % 3);
        return 'ok';
      }),
    ]),
    properties: [
      always('at most one process is in its critical section', [
        {
          about: '',
          holds: read =>
            collect(
              read,
              processes.map(({ at }) => at),
              isCritical,
            ).length <= 1,
        },
      ]),
    ],
  };
});

/** Three bits of which an even number is set: no two of them say so, three do. */
export const evenBits: Sized = tiny('even bits', ['owner'], ({ members, slot, call }) => {
  const owners = members('owner').map(of => ({
    of,
    bits: ['x', 'y', 'z'].map(name => slot(name, false, of)),
  }));
  return {
    actions: owners.flatMap(({ of, bits }) =>
      bits.map((one, at) =>
        call(`flip ${at}`, [of], (read, write) => {
          const other = bits[(at + 1) % 3] ?? one;
          write(one, !read(one));
          write(other, !read(other));
          return 'ok';
        }),
      ),
    ),
    properties: [
      always(
        'the third bit is clear where the first two are set',
        owners.map(({ of, bits: [x, y, z] }) => ({
          about: of.name,
          holds: read =>
            x === undefined || y === undefined || z === undefined || !read(x) || !read(y) || !read(z),
        })),
      ),
    ],
  };
});

/** Books that are lent to readers: that a lent book is in somebody's hand is true because a witness is kept. */
const lending = (name: string, losesBooks: boolean): Sized =>
  tiny(name, ['book', 'reader'], ({ members, slot, call }) => {
    const readers = members('reader').map(of => ({ of, hand: slot('hand', 'empty', of) }));
    const books = members('book').map(of => ({ of, place: slot('place', 'shelf', of) }));
    const holds = new Map(
      books.map(({ of }) => [of, (value: string | number | boolean) => value === of.name]),
    );
    return {
      actions: books.flatMap(book =>
        readers.flatMap(reader => [
          call('lend', [book.of, reader.of], (read, write) => {
            if (read(book.place) !== 'shelf' || read(reader.hand) !== 'empty') return -1;
            write(book.place, 'lent');
            write(reader.hand, book.of.name);
            return 0;
          }),
          call('return', [book.of, reader.of], (read, write) => {
            if (read(reader.hand) !== book.of.name) return -1;
            write(book.place, 'shelf');
            write(reader.hand, 'empty');
            return 0;
          }),
          ...(losesBooks
            ? [
                call('forget on the train', [reader.of], (_, write) => {
                  write(reader.hand, 'empty');
                  return 0;
                }),
              ]
            : []),
        ]),
      ),
      properties: [
        always(
          'a lent book is in exactly one hand, and no other is in any',
          books.map(({ of, place }) => ({
            about: of.name,
            holds: read => {
              const hands = collect(
                read,
                readers.map(({ hand }) => hand),
                holds.get(of) ?? isTrue,
              );
              return hands.length === (read(place) === 'lent' ? 1 : 0);
            },
          })),
        ),
      ],
    };
  });
export const library: Sized = lending('library', false);
export const leakyLibrary: Sized = lending('leaky library', true);

/** A bit that is the parity of the flags: true, but no number of slots says how many flags are set. */
export const parity: Sized = tiny('parity', ['flag'], ({ members, slot, call }) => {
  const isOdd = slot('is odd', false);
  const flags = members('flag').map(of => ({ of, flag: slot('flag', false, of) }));
  return {
    actions: flags.map(({ of, flag }) =>
      call('flip', [of], (read, write) => {
        write(flag, !read(flag));
        write(isOdd, !read(isOdd));
        return 'ok';
      }),
    ),
    properties: [
      always('where the parity is odd, some flag is set', [
        {
          about: '',
          holds: read =>
            !read(isOdd) ||
            collect(
              read,
              flags.map(({ flag }) => flag),
              isTrue,
            ).length > 0,
        },
      ]),
    ],
  };
});

/** A room whose lamps are all put out when its last guest leaves: a loop over lamps that a proof can follow. */
const lamps = (name: string, isDeclared: boolean): Sized =>
  tiny(name, ['room', 'lamp'], ({ members, slot, call }) => {
    const rooms = members('room').map(of => ({
      of,
      open: slot('open', false, of),
      lamps: members('lamp').map(lamp => ({ lamp, slot: slot('lit', false, of, lamp) })),
    }));
    return {
      actions: rooms.flatMap(room => [
        call('open', [room.of], (_, write) => {
          write(room.open, true);
          return 'ok';
        }),
        ...room.lamps.map(({ lamp, slot: lit }) =>
          call('light', [room.of, lamp], (read, write) => {
            if (!read(room.open)) return disabled;
            write(lit, true);
            return 'ok';
          }),
        ),
        call('close', [room.of], (read, write) => {
          write(room.open, false);
          const putOut = ({ slot: lit }: (typeof room.lamps)[number]): void => write(lit, false);
          if (isDeclared) each(read, room.lamps, ({ slot: lit }) => lit, putOut);
          else room.lamps.forEach(putOut);
          return 'ok';
        }),
      ]),
      properties: [
        always(
          'no lamp is lit in a closed room',
          rooms.flatMap(({ of, open, lamps: all }) =>
            all.map(({ lamp, slot: lit }) => ({
              about: `${lamp.name} of ${of.name}`,
              holds: read => !read(lit) || Boolean(read(open)),
            })),
          ),
        ),
      ],
    };
  });
export const lampsByEach: Sized = lamps('lamps', true);
export const lampsByPlainLoop: Sized = lamps('lamps by a plain loop', false);

const sees = (read: Read, slots: readonly Slot<string | number | boolean>[]): boolean =>
  some(read, slots, isTrue);

/**
 * A pile of any number of stones, of which one call takes one away: that it can be empty again is true, and no number
 * of calls is enough for every size. With `isGuarded`, a stone on which another one lies cannot be taken.
 */
export const pile = (isGuarded: boolean): Sized =>
  tiny('pile', ['stone'], ({ members, slot, call }) => {
    const all = members('stone').map(of => ({
      of,
      lies: slot('lies', false, of),
      under: slot('under', false, of),
    }));
    return {
      deadlock: 'stutter',
      actions: all.flatMap(({ of, lies, under }) => [
        call('put', [of], (_, write) => {
          write(lies, true);
          return 'ok';
        }),
        call('cover', [of], (_, write) => {
          write(under, true);
          return 'ok';
        }),
        call('take', [of], (read, write) => {
          if (isGuarded && read(under)) return disabled;
          write(lies, false);
          return 'ok';
        }),
      ]),
      properties: [
        {
          kind: 'recoverable',
          name: 'the pile can be gone',
          source,
          instances: [
            {
              about: 'the pile',
              holds: read =>
                !sees(
                  read,
                  all.map(({ lies }) => lies),
                ),
            },
          ],
        },
      ],
    };
  });
