import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  KvmRunHead,
  KvmRunSpp,
  KvmSubpage,
  KvmSubpageFixed,
  KvmSubpageInfo,
  kvmIor,
  kvmIow,
} from '../../../model/kvm/index.ts';

const hasCompiler = ((): boolean => {
  try {
    const input = '#include <linux/kvm.h>\n';
    execFileSync('gcc', ['-E', '-'], { input, stdio: ['pipe', 'ignore', 'ignore'] });
    return true;
  } catch {
    return false;
  }
})();

const program = `
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <linux/ioctl.h>
#include <linux/kvm.h>
struct info { uint64_t gfn; uint64_t npages; uint64_t *access_map; };
struct fixed { uint64_t base_gfn; uint64_t npages; uint32_t access_map[64]; };
struct flexible { uint64_t gfn_base; uint32_t npages; uint32_t flags; uint32_t access_map[0]; };
struct run_spp { uint64_t addr; uint8_t insn_len; };
int main(void) {
  printf("[%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%u,%u,%u,%u,%zu,%zu]",
    sizeof(struct info), offsetof(struct info, access_map),
    sizeof(struct fixed), offsetof(struct fixed, access_map),
    sizeof(struct flexible), offsetof(struct flexible, access_map), offsetof(struct flexible, flags),
    offsetof(struct run_spp, insn_len),
    (unsigned)_IOR(0xAE, 0x49, uint64_t), (unsigned)_IOW(0xAE, 0x4a, uint64_t),
    (unsigned)_IOW(0xAE, 0x4b, uint64_t), (unsigned)_IOR(0xAE, 0x49, struct info),
    offsetof(struct kvm_run, exit_reason), offsetof(struct kvm_run, hw));
}`;

test.runIf(hasCompiler)(
  'a C compiler, with the kernel headers, lays the structures out and encodes the ioctls the same way',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'spp-abi-'));
    try {
      writeFileSync(join(folder, 'abi.c'), program);
      execFileSync('gcc', ['-o', join(folder, 'abi'), join(folder, 'abi.c')]);
      const compiled: unknown = JSON.parse(execFileSync(join(folder, 'abi'), { encoding: 'utf8' }));
      expect(compiled).toEqual([
        KvmSubpageInfo.size,
        KvmSubpageInfo.offsets.access_map,
        KvmSubpageFixed.size,
        KvmSubpageFixed.offsets.access_map,
        KvmSubpage.size,
        KvmSubpage.offsets.access_map,
        KvmSubpage.offsets.flags,
        KvmRunSpp.offsets.insn_len,
        kvmIor(0x49, 8),
        kvmIow(0x4a, 8),
        kvmIow(0x4b, 8),
        kvmIor(0x49, 24),
        KvmRunHead.offsets.exit_reason,
        KvmRunHead.size,
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
