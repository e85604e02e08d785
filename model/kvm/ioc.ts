import { bits, layout, reserved } from '../bits/index.ts';

/** A Linux ioctl number. `include/uapi/asm-generic/ioctl.h`: direction, size of the argument, type, number. */
export const Ioc = layout('Ioc', {
  number: bits(7, 0),
  type: bits(15, 8),
  sizeBytes: bits(29, 16),
  direction: bits(31, 30),
  _63_32: reserved(63, 32),
});

/** `_IOC_NONE`, `_IOC_WRITE` (user space writes, the kernel reads) and `_IOC_READ`. */
export const IocDirection = { none: 0, write: 1, read: 2 } as const;

/** `KVMIO`, the type of every KVM ioctl. */
export const KVMIO = 0xae;

const encode = (direction: number, number: number, sizeBytes: number): number =>
  Number(Ioc.encode({ direction, type: KVMIO, number, sizeBytes }));

/** `_IOR(KVMIO, number, …)`: the kernel writes an argument of that many bytes. */
export const kvmIor = (number: number, sizeBytes: number): number =>
  encode(IocDirection.read, number, sizeBytes);

/** `_IOW(KVMIO, number, …)`: the kernel reads an argument of that many bytes. */
export const kvmIow = (number: number, sizeBytes: number): number =>
  encode(IocDirection.write, number, sizeBytes);
