import {
  FULL_VECTOR,
  type Kvm,
  nextSection,
  type SectionedIoctl,
  type SetRequest,
} from '../../model/kvm/index.ts';
import type { SppKvmSize } from './size.ts';

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** A SET as it is called, and the ioctl in flight that it becomes. */
export interface SetCall {
  readonly request: SetRequest;
  readonly ioctl: SectionedIoctl<SetRequest>;
}

/** Every range that fits: each start, each length up to the profile's. */
export function ranges({
  shape,
  range,
}: SppKvmSize): readonly { readonly gfn: bigint; readonly npages: number }[] {
  return shape.gfns.flatMap((gfn, at) =>
    Array.from({ length: Math.min(range, shape.gfns.length - at) }, (_, i) => ({ gfn, npages: i + 1 })),
  );
}

/** The vectors of a SET: the same for every page or, where the profile mixes them, a rotation of the list. */
function accessMaps({ vectors, mixed }: SppKvmSize, npages: number): readonly (readonly number[])[] {
  const uniform = vectors.map(vector => Array.from({ length: npages }, () => vector));
  if (npages === 1 || !mixed) return uniform;
  const rotated = vectors.map((_, start) =>
    Array.from({ length: npages }, (_, i) => vectors[(start + i) % vectors.length] ?? FULL_VECTOR),
  );
  return [...uniform, ...rotated];
}

/** Every SET of the profile. */
export function setCalls(kvm: Kvm, size: SppKvmSize): readonly SetCall[] {
  return ranges(size).flatMap(range =>
    accessMaps(size, range.npages).map(accessMap => {
      const request = { ...range, accessMap };
      const name = `SET ${hex(range.gfn)}+${range.npages} ${accessMap.map(hex).join(' ')}`;
      return { request, ioctl: { name, sections: kvm.steps.setSections, request } };
    }),
  );
}

/** The SET that is in flight, by what `Vm.ioctl` says, and the section that it comes to next. */
export function setInFlight(
  sets: readonly SetCall[],
  inFlight: string,
): (SetCall & { readonly at: number }) | undefined {
  for (const call of sets) {
    const at = nextSection(call.ioctl, inFlight);
    if (at !== undefined) return { ...call, at };
  }
  return undefined;
}
