import { type Action, disabled, type Read } from '../../checker/index.ts';
import { type Cpu, cpuWith, translate, type WalkRules } from '../../model/ept/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';
import type { ViewedWalk } from '../../properties/walk/index.ts';
import type { WordSlot } from './image.ts';
import { slotsOf, type Theme } from './theme.ts';
import { endingLabel } from './machine-walk.ts';

const addressesOf = (slots: readonly (WordSlot | undefined)[]): readonly bigint[] =>
  slots.flatMap(slot => slot?.address ?? []);

/** A theme's state as a walk sees it: the processor and the memory, through the slots. */
export class WalkView implements ViewedWalk {
  readonly theme: Theme;
  readonly rules: WalkRules;
  readonly accesses: Theme['accesses'];
  readonly endings: Theme['endings'];
  readonly eptWords: readonly bigint[];
  readonly spptWords: readonly bigint[];
  readonly pmlIndex: WordSlot | undefined;
  readonly #byAddress: ReadonlyMap<bigint, WordSlot>;

  constructor(theme: Theme, rules: WalkRules) {
    this.theme = theme;
    this.rules = rules;
    this.accesses = theme.accesses;
    this.endings = theme.endings;
    this.eptWords = addressesOf(([5, 4, 3, 2, 1] as const).map(level => theme.ept[level]));
    this.spptWords = addressesOf(([4, 3, 2, 1] as const).map(level => theme.sppt[level]));
    this.pmlIndex = theme.fields.pmlIndex;
    this.#byAddress = new Map(
      slotsOf(theme).flatMap(slot => (slot.address === undefined ? [] : [[slot.address, slot] as const])),
    );
  }

  slotAt(address: bigint): WordSlot | undefined {
    return this.#byAddress.get(address);
  }

  /** Physical memory: what the slots hold, and nothing else. */
  memory(read: Read): PhysicalMemory {
    return {
      read: address => {
        const slot = this.#byAddress.get(address);
        return slot === undefined ? undefined : read(slot);
      },
    };
  }

  cpu(read: Read): Cpu {
    const { cpu, fields } = this.theme;
    const word = (slot: WordSlot | undefined): bigint | undefined =>
      slot === undefined ? undefined : read(slot);
    const on = (slot: WordSlot | undefined, otherwise: boolean | undefined, last: boolean): boolean =>
      slot === undefined ? (otherwise ?? last) : read(slot) === 1n;
    return cpuWith({
      ...cpu,
      eptp: word(fields.eptp) ?? cpu.eptp,
      spptp: word(fields.spptp) ?? cpu.spptp ?? 0n,
      controls: {
        ...cpu.controls,
        spp: on(fields.spp, cpu.controls?.spp, false),
        eptViolationVe: on(fields.eptViolationVe, cpu.controls?.eptViolationVe, false),
      },
      state: {
        ...cpu.state,
        pmlIndex: Number(word(fields.pmlIndex) ?? 511n),
        pmlAddress: word(fields.pmlAddress) ?? cpu.state?.pmlAddress ?? 0n,
        veInfoAddress: word(fields.veInfoAddress) ?? cpu.state?.veInfoAddress ?? 0n,
        eventDelivery: on(fields.eventDelivery, undefined, false),
        protectedMode: on(fields.protectedMode, undefined, true),
        nmiUnblockingIret: on(fields.nmiUnblockingIret, undefined, false),
      },
    });
  }
}

/** The hypervisor writes a word of this class. */
const put = (
  slot: WordSlot,
  to: WordSlot['classes'][number],
  slots: readonly WordSlot[],
  atOnce: number,
): Action => ({
  name: 'put',
  actor: 'hypervisor',
  args: { word: slot.name, class: to.name },
  run(read, write) {
    if (to.word !== slot.initial && atOnce < slots.length) {
      if (!read(slot, slot.isInitial)) return disabled;
      const others = slots.filter(other => other !== slot && !read(other, other.isInitial));
      if (others.length >= atOnce) return disabled;
    }
    write(slot, to.word);
    return 0;
  },
});

/** The log entries that the image holds: an index that leads elsewhere waits for the hypervisor. */
const loggedAt = (view: WalkView, index: number): boolean =>
  index > 511 || view.slotAt((view.theme.cpu.state?.pmlAddress ?? 0n) + 8n * BigInt(index)) !== undefined;

/** The guest makes an access; what the processor itself writes is written. */
const access = (view: WalkView, one: Theme['accesses'][number]): Action => ({
  name: 'access',
  actor: 'guest',
  args: { access: one.name },
  run(read, write) {
    const cpu = view.cpu(read);
    if (
      cpu.controls.pml &&
      view.theme.fields.pmlIndex !== undefined &&
      !loggedAt(view, cpu.state.pmlIndex)
    ) {
      return disabled;
    }
    const memory = view.memory(read);
    const outcome = translate(memory, cpu, one.access, view.rules);
    if ('memoryWrites' in outcome) {
      for (const { address, word, bytes } of outcome.memoryWrites ?? []) {
        const slot = view.slotAt(address);
        // the 16-bit EPTP index goes into a word whose other bits are zero here
        if (slot !== undefined && (bytes === 8 || read(slot) === 0n)) write(slot, word);
      }
    }
    if (outcome.kind === 'allowed' && outcome.pmlIndexAfter !== undefined) {
      const index = view.theme.fields.pmlIndex;
      if (index !== undefined) write(index, BigInt(outcome.pmlIndexAfter));
    }
    return endingLabel({
      kind: outcome.kind,
      level: 'level' in outcome ? outcome.level : undefined,
      grantedBySpp: outcome.kind === 'allowed' && outcome.grantedBySpp,
    });
  },
});

/** Every word of every slot that may be put, at most `atOnce` of them other than the first, and every access. */
export function walkActions(view: WalkView, atOnce: number): readonly Action[] {
  const slots = slotsOf(view.theme);
  const written = new Set(view.theme.written);
  return [
    ...slots
      .filter(slot => slot.classes.length > 1 || written.has(slot))
      .flatMap(slot => slot.classes.map(to => put(slot, to, slots, atOnce))),
    ...view.theme.accesses.map(one => access(view, one)),
  ];
}
