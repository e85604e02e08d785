import {
  encodeSubpageArgument,
  type EnableConditions,
  framesOf,
  framesOfRegion,
  FULL_VECTOR,
  getAccess,
  type Kvm,
  mayStart,
  type MemslotCells,
  nextSection,
  regionOf,
  runSection,
  type SectionedIoctl,
  type SetRequest,
  type SetSection,
  shadowLeaf,
  type State,
  userBuffer,
  type View,
} from '../../model/kvm/index.ts';
import { type FrameEvents, type SppAction, sppAction } from './action.ts';
import { ranges, type SetCall, setInFlight } from './set-calls.ts';
import type { SppKvmSize } from './size.ts';

/** What user space asks of KVM: INIT or ENABLE_CAP, GET, SET, with arguments good and bad. */

const userSpace = 'user space';
const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

const describeRange = ({
  gfn,
  npages,
}: Pick<SetRequest, 'gfn' | 'npages'>): Record<string, string | number> => ({
  gfn: hex(gfn),
  npages,
});

/** What a section of SET means to the frames: new vectors for its own, an invalid L2E for their neighbours. */
function sectionEvents(
  kvm: Kvm,
  before: View,
  request: SetRequest,
  sections: readonly SetSection[],
): FrameEvents {
  const own = framesOf(request);
  const { setOnMapped: onMapped } = kvm.revision;
  const setting = sections.some(section => section.setsVectors)
    ? own.map((gfn, i) => {
        const vector = request.accessMap[i] === FULL_VECTOR ? ('full' as const) : ('denying' as const);
        const leaf = shadowLeaf(kvm, before, gfn);
        const mapped = leaf?.size === '4K' && leaf.spte !== 0n;
        return { gfn, event: { type: 'set' as const, vector, onMapped, mapped } };
      })
    : [];
  if (onMapped === 'eager' || !sections.some(section => section.flushesSppt)) return setting;
  const regions = new Set(own.map(regionOf));
  const flushed = [...regions]
    .flatMap(region => framesOfRegion(kvm.vm, region))
    .filter(gfn => setting.length === 0 || !own.includes(gfn));
  return [...setting, ...flushed.map(gfn => ({ gfn, event: { type: 'set_in_region' as const } }))];
}

const copied = (
  kvm: Kvm,
  view: View,
  buffer: Uint8Array,
  memoryAvailable = true,
): ReturnType<Kvm['steps']['copyArgument']> =>
  kvm.steps.copyArgument(
    kvm.revision,
    { active: view.get(kvm.vm.active), memoryAvailable },
    userBuffer(buffer),
  );

function startSet(
  kvm: Kvm,
  state: State,
  { ioctl }: SetCall,
  how: { readonly buffer: Uint8Array; readonly inSections: boolean },
): number | string | undefined {
  if (!mayStart(kvm, state)) return undefined;
  const argument = copied(kvm, state, how.buffer);
  if (!argument.ok) return argument.result;
  const refused = kvm.steps.checkSet(kvm, state, argument.argument);
  if (refused !== undefined) return refused;
  let result = runSection(kvm, state, ioctl, 0);
  for (let at = 1; !how.inSections && typeof result === 'string'; at++)
    result = runSection(kvm, state, ioctl, at);
  return result;
}

const setAction = (kvm: Kvm, call: SetCall, inSections: boolean): SppAction => {
  const { request } = call;
  const buffer = encodeSubpageArgument(kvm.revision, { ...request, flags: 0 });
  const args = { ...describeRange(request), access_map: request.accessMap.map(hex).join(' ') };
  const action = sppAction(
    'KVM_SUBPAGES_SET_ACCESS',
    userSpace,
    args,
    state => startSet(kvm, state, call, { buffer, inSections }),
    (before, result) =>
      typeof result === 'number' && result <= 0
        ? []
        : sectionEvents(kvm, before, request, kvm.steps.setSections.slice(0, inSections ? 1 : undefined)),
  );
  return { ...action, set: request };
};

/** The ioctls in flight go on, each from where it stands: one action, since at most one is in flight. */
export function continueAction(
  kvm: Kvm,
  sets: readonly SetCall[],
  logging: readonly SectionedIoctl<MemslotCells>[],
): SppAction {
  const run = (state: State): number | string | undefined => {
    const inFlight = state.get(kvm.vm.ioctl);
    const lock = state.get(kvm.vm.mmuLock);
    if (inFlight === 'none' || (lock !== 'free' && lock !== 'ioctl')) return undefined;
    const set = setInFlight(sets, inFlight);
    if (set !== undefined) return runSection(kvm, state, set.ioctl, set.at);
    for (const ioctl of logging) {
      const at = nextSection(ioctl, inFlight);
      if (at !== undefined) return runSection(kvm, state, ioctl, at);
    }
    return undefined;
  };
  return sppAction('ioctl goes on', 'KVM', {}, run, (before, result) => {
    const set = setInFlight(sets, before.get(kvm.vm.ioctl));
    if (set === undefined || (typeof result === 'number' && result < 0)) return [];
    return sectionEvents(kvm, before, set.request, kvm.steps.setSections.slice(set.at, set.at + 1));
  });
}

function getActions(kvm: Kvm, size: SppKvmSize): readonly SppAction[] {
  return ranges(size).map(range => {
    const buffer = encodeSubpageArgument(kvm.revision, {
      ...range,
      flags: 0,
      accessMap: Array.from({ length: range.npages }, () => 0),
    });
    return sppAction('KVM_SUBPAGES_GET_ACCESS', userSpace, describeRange(range), state => {
      if (!mayStart(kvm, state)) return undefined;
      const argument = copied(kvm, state, buffer);
      if (!argument.ok) return argument.result;
      return getAccess(kvm, state, argument.argument).result;
    });
  });
}

/** What switches SPP on, by the dialect. The parameter of seed 003 did it for every VM, as if each had asked. */
const enablingCall = {
  module: 'enable_ept_spp=1',
  KVM_INIT_SPP: 'KVM_INIT_SPP',
  KVM_ENABLE_CAP: 'KVM_ENABLE_CAP(KVM_CAP_X86_SPP)',
} as const;

const good: EnableConditions = { hardware: true, nested: false, memoryAvailable: true };

function enableAction(kvm: Kvm, conditions: EnableConditions, args: Record<string, string>): SppAction {
  const name = enablingCall[kvm.revision.enabledBy];
  return sppAction(
    name,
    userSpace,
    args,
    state => (mayStart(kvm, state) ? kvm.steps.enable(kvm, state, conditions) : undefined),
    (before, result) => {
      if (result !== 0 || before.get(kvm.vm.active)) return [];
      const slots = kvm.vm.memslots.filter(slot => before.get(slot.state) !== 'none');
      return slots.flatMap(slot => slot.gfns).map(gfn => ({ gfn, event: { type: 'enable' } }));
    },
  );
}

/** The ill-formed SETs: what is wrong with them, and the buffer. */
function malformedSets(kvm: Kvm, size: SppKvmSize): readonly SppAction[] {
  const [gfn = 0n] = size.shape.gfns;
  const vector = size.vectors.at(-1) ?? 0;
  const one = { gfn, npages: 1, flags: 0, accessMap: [vector] };
  const whole = encodeSubpageArgument(kvm.revision, one);
  const call = (wrong: string, buffer: Uint8Array, memoryAvailable = true): SppAction =>
    sppAction('KVM_SUBPAGES_SET_ACCESS', userSpace, { ...describeRange(one), wrong }, state => {
      if (!mayStart(kvm, state)) return undefined;
      const argument = copied(kvm, state, buffer, memoryAvailable);
      if (!argument.ok) return argument.result;
      const request = { ...argument.argument, npages: argument.argument.accessMap.length };
      const refused = kvm.steps.checkSet(kvm, state, request);
      if (refused !== undefined) return refused;
      kvm.steps.writeVectors(kvm, state, request);
      return request.npages;
    });
  const outside = (size.shape.gfns.at(-1) ?? 0n) + 1n;
  return [
    call('flags', encodeSubpageArgument(kvm.revision, { ...one, flags: 1 })),
    call('no pages', encodeSubpageArgument(kvm.revision, { ...one, npages: 0 })),
    call(
      'too many pages',
      encodeSubpageArgument(kvm.revision, { ...one, npages: kvm.revision.maxPages + 1 }),
    ),
    call('unreadable', whole.subarray(0, whole.length - 1)),
    call('no memory', whole, false),
    call('no memslot', encodeSubpageArgument(kvm.revision, { ...one, gfn: outside })),
  ];
}

/** All of user space's SPP ioctls. */
export function ioctlActions(kvm: Kvm, size: SppKvmSize, sets: readonly SetCall[]): readonly SppAction[] {
  const inSections = size.sections;
  const bad = size.malformed
    ? [
        enableAction(kvm, { ...good, nested: true }, { nested: 'on' }),
        enableAction(kvm, { ...good, hardware: false }, { hardware: 'without SPP' }),
        enableAction(kvm, { ...good, memoryAvailable: false }, { memory: 'none' }),
        ...malformedSets(kvm, size),
      ]
    : [];
  return [
    enableAction(kvm, good, {}),
    ...getActions(kvm, size),
    ...sets.map(call => setAction(kvm, call, inSections)),
    ...bad,
  ];
}
