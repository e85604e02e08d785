import {
  type Action,
  disabled,
  type Read,
  type Slot,
  type System,
  type Write,
} from '../../checker/index.ts';

const slot = <V extends number | string | boolean>(name: string, initial: V): Slot<V> => ({
  name,
  initial,
});

/**
 * Philosophers who all pick up the left fork first: the textbook deadlock. The shortest way into it is one pick-up by
 * each of them.
 */
export function diningPhilosophers(count: number): System {
  const forks = Array.from({ length: count }, (_, seat) => slot(`fork ${seat}`, -1));
  const fork = (seat: number): Slot<number> => forks[seat % count] as Slot<number>;
  const take = (seat: number, at: number, name: string): Action => ({
    name,
    actor: `philosopher ${seat}`,
    args: {},
    run(read, write) {
      if (read(fork(at)) !== -1 || (at !== seat && read(fork(seat)) !== seat)) return disabled;
      write(fork(at), seat);
      return 'ok';
    },
  });
  const eat = (seat: number): Action => ({
    name: 'eat and put down',
    actor: `philosopher ${seat}`,
    args: {},
    run(read, write) {
      if (read(fork(seat)) !== seat || read(fork(seat + 1)) !== seat) return disabled;
      write(fork(seat), -1);
      write(fork(seat + 1), -1);
      return 'ok';
    },
  });
  const seats = [...forks.keys()];
  return {
    name: 'dining philosophers',
    slots: forks,
    actions: seats.flatMap(seat => [
      take(seat, seat, 'take left'),
      take(seat, seat + 1, 'take right'),
      eat(seat),
    ]),
    properties: [
      {
        kind: 'sometimes',
        name: 'a philosopher eats',
        source: 'Dijkstra, EWD 310',
        instances: seats.map(seat => ({
          about: `philosopher ${seat}`,
          holds: read => read(fork(seat)) === seat && read(fork(seat + 1)) === seat,
        })),
      },
    ],
    deadlock: 'stuck',
  };
}

const hanoiPegs = ['left', 'middle', 'right'] as const;

/** The towers of Hanoi: every one of the 3^n placements can be reached, and the farthest is 2^n - 1 moves away. */
export function towersOfHanoi(disks: number): System {
  const slots = Array.from({ length: disks }, (_, size) => slot<string>(`disk ${size}`, 'left'));
  const move = (size: number, to: string): Action => ({
    name: 'move',
    actor: 'monk',
    args: { disk: size, to },
    run(read, write) {
      const disk = slots[size] as Slot<string>;
      const from = read(disk);
      if (from === to) return -1;
      for (const smaller of slots.slice(0, size)) {
        const peg = read(smaller);
        if (peg === from || peg === to) return -2;
      }
      write(disk, to);
      return 0;
    },
  });
  return {
    name: 'towers of Hanoi',
    slots,
    actions: [...slots.keys()].flatMap(size => hanoiPegs.map(to => move(size, to))),
    properties: [
      {
        kind: 'sometimes',
        name: 'the tower stands on the right',
        source: 'Lucas, 1883',
        instances: [{ about: '', holds: read => slots.every(disk => read(disk) === 'right') }],
      },
      {
        kind: 'recoverable',
        name: 'the tower can be built again on the left',
        source: 'Lucas, 1883',
        instances: slots.map(disk => ({ about: disk.name, holds: read => read(disk) === 'left' })),
      },
    ],
    deadlock: 'stutter',
  };
}

/**
 * Counters in a row that each count to `top`, where a counter may not be more than `lead` ahead of the next: many
 * states with long levels, values that keep being new while the search is on, and a sentence that breaks deep inside.
 */
export function counters(count: number, top: number, lead: number): System {
  const slots = Array.from({ length: count }, (_, at) => slot(`counter ${at}`, 0));
  const at = (index: number): Slot<number> => slots[index % count] as Slot<number>;
  const step = (index: number, by: number): Action => ({
    name: by > 0 ? 'up' : 'down',
    actor: `counter ${index}`,
    args: { index },
    run(read, write) {
      const next = read(at(index)) + by;
      if (next < 0 || next > top) return -34;
      if (Math.abs(next - read(at(index + 1))) > lead) return -11;
      write(at(index), next);
      return 0;
    },
  });
  return {
    name: 'counters',
    slots,
    actions: [...slots.keys()].flatMap(index => [step(index, 1), step(index, -1)]),
    properties: [
      {
        kind: 'always',
        name: 'no two neighbours are both at the top',
        source: 'made to fail',
        instances: slots.map((_, index) => ({
          about: `counter ${index}`,
          holds: read => read(at(index)) !== top || read(at(index + 1)) !== top,
        })),
      },
      {
        kind: 'recoverable',
        name: 'all can go back to zero',
        source: 'every step can be undone',
        instances: slots.map(counter => ({ about: counter.name, holds: read => read(counter) === 0 })),
      },
    ],
    deadlock: 'stutter',
  };
}

/**
 * Steps that never rise: each cell goes from 0 to `top`, and never above the one before it. A rehearsal shows all that
 * cells and ballast can hold, so that rows are long from then on and no part grows. Few states, whose neighbours are
 * found by steps that have nothing to do with one another. What the sentences say is false of some states, each of a
 * path of looks at cells far from one another.
 */
export function staircase(cells: number, top: number): System {
  const slots = Array.from({ length: cells }, (_, at) => slot(`cell ${at}`, 0));
  const ballast = Array.from({ length: 26 }, (_, at) => slot(`ballast ${at}`, false));
  const rehearsed = slot('rehearsed', 0);
  const cell = (at: number): Slot<number> => slots[at] as Slot<number>;
  const isHigh = (height: number): boolean => height > top / 2;
  const triples = slots.flatMap((_, a) =>
    slots.flatMap((__, b) => (a < b && b + 2 < cells ? [[a, b, b + 2] as const] : [])),
  );
  const rehearse: Action = {
    name: 'rehearse',
    actor: 'architect',
    args: {},
    run(read, write) {
      const height = read(rehearsed) + 1;
      if (height > top + 1) return -1;
      write(rehearsed, height);
      for (const weight of ballast) write(weight, true);
      for (const one of slots) write(one, height > top ? 0 : height);
      return 0;
    },
  };
  const rise = (one: Slot<number>, at: number): Action => ({
    name: 'rise',
    actor: 'mason',
    args: { cell: at },
    run(read, write) {
      if (read(rehearsed) <= top) return disabled;
      const height = read(one);
      if (height === top || (at > 0 && read(cell(at - 1)) === height)) return -1;
      write(one, height + 1);
      return 0;
    },
  });
  return {
    name: 'staircase',
    slots: [rehearsed, ...slots, ...ballast],
    actions: [rehearse, ...slots.map(rise)],
    properties: triples.map(([a, b, c], index) => ({
      kind: 'always',
      name: `cells ${a}, ${b} and ${c} are not as high as they get`,
      source: 'it is not so',
      instances: [
        {
          about: `${index}`,
          holds: read =>
            read(rehearsed) <= top ||
            read(cell(a)) < top ||
            read(cell(b)) < index % top ||
            (index % 2 === 0 ? read(cell(c)) < 1 : !read(cell(c), isHigh)),
        },
      ],
    })),
  };
}

/** Lamps that are switched on and off, but for one that stays on. The first `stuck` may be none: -1. */
export function lamps(count: number, stuck: number): System {
  const slots = Array.from({ length: count }, (_, at) => slot(`lamp ${at}`, false));
  return {
    name: 'lamps',
    slots,
    actions: slots.map((lamp, at) => ({
      name: 'switch',
      actor: 'anyone',
      args: { lamp: at },
      run(read, write) {
        const isOn = read(lamp);
        if (isOn && at === stuck) return -1;
        write(lamp, !isOn);
        return 0;
      },
    })),
    properties: [
      {
        kind: 'recoverable',
        name: 'all lamps can be switched off again',
        source: 'the wiring',
        instances: slots.map(lamp => ({ about: lamp.name, holds: read => !read(lamp) })),
      },
    ],
  };
}

/**
 * Three switches so far apart in a row that no look sees two of them. That all are on is only seen by who looks at the
 * third, which nobody does before the first two are on; then the third is switched on, and nothing else changes.
 */
export function farApart(way: 'whole' | 'lens'): System {
  const switches = ['first', 'second', 'third'].map(name => slot<number>(name, 0));
  const ballast = Array.from({ length: 30 }, (_, at) => slot(`ballast ${at}`, false));
  const loaded = slot('loaded', false);
  const [first, second, third] = switches as [Slot<number>, Slot<number>, Slot<number>];
  const isOn = (value: number): boolean => value === 1;
  return {
    name: 'far apart',
    slots: [loaded, ...switches.flatMap((one, at) => [one, ...ballast.slice(10 * at, 10 * at + 10)])],
    actions: [
      {
        name: 'load',
        actor: 'anyone',
        args: {},
        run(read, write) {
          if (read(loaded)) return -1;
          for (const one of [loaded, ...ballast]) write(one, true);
          return 0;
        },
      },
      ...switches.map((one, at) => ({
        name: 'switch on',
        actor: 'anyone',
        args: { at },
        run(read: Read, write: Write) {
          if (!read(loaded) || read(one) === 1) return -1;
          write(one, 1);
          return 0;
        },
      })),
    ],
    properties: [
      {
        kind: 'always',
        name: 'not all are on',
        source: 'it is not so',
        instances: [
          {
            about: 'all',
            holds: read =>
              read(first) === 0 ||
              read(second) === 0 ||
              !(way === 'whole' ? read(third) === 1 : read(third, isOn)),
          },
        ],
      },
    ],
  };
}
