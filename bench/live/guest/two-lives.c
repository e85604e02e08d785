// SPDX-License-Identifier: Apache-2.0
// One normal and one protected VM under KVM, a handful of guest instructions, a stop at every phase.
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#define IPA 0x80000000UL
#define MMIO 0x10000000UL
#define PAGES 16 /* the guest touches the first six; the others are for calls made by hand */
#define REG(n) (KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(n))
extern char guest_start[], guest_end[];
asm(".pushsection .rodata\n.globl guest_start, guest_end\n.balign 4096\nguest_start:\n"
    "ldr x1, [x20, #0x1000]\n"               // read page 1
    "add x9, x20, #2, lsl #12\n str x1, [x9]\n"  // write page 2
    "mov x0, #0x11\n str x0, [x21]\n"        // exit 1
    "movz x0, #3\n movk x0, #0xc600, lsl #16\n add x1, x20, #3, lsl #12\n mov x2, #0\n mov x3, #0\n hvc #0\n"
    "str x0, [x21]\n"                        // exit 2: result of MEM_SHARE
    "add x9, x20, #3, lsl #12\n mov x1, #0x33\n str x1, [x9]\n"
    "movz x0, #4\n movk x0, #0xc600, lsl #16\n add x1, x20, #3, lsl #12\n mov x2, #0\n mov x3, #0\n hvc #0\n"
    "str x0, [x21]\n"                        // exit 3: result of MEM_UNSHARE
    "add x9, x20, #4, lsl #12\n ldr x1, [x9]\n"  // read page 4
    "movz x0, #3\n movk x0, #0xc600, lsl #16\n add x1, x20, #5, lsl #12\n mov x2, #0\n mov x3, #0\n hvc #0\n"
    "mov x10, #0x8000000\n1: subs x10, x10, #1\n b.ne 1b\n"  // spin: a stop here finds the guest's VTTBR_EL2
    "mov x0, #0x44\n str x0, [x21]\n"        // exit 4
    "b .\n"
    "guest_end:\n.popsection\n");
static int wait_lines = 1;
static char *mem;
static void die(const char *s) { printf("== FAIL %s: %s\n", s, strerror(errno)); exit(1); }
static void pages(void) {
    int f = open("/proc/self/pagemap", O_RDONLY);
    for (int i = 0; i < PAGES; i++) {
        uint64_t e = 0; pread(f, &e, 8, ((uintptr_t)mem / 4096 + i) * 8);
        printf("   page %d va %p pfn 0x%llx\n", i, mem + 4096 * i, (unsigned long long)((e >> 63) ? e & ((1UL << 55) - 1) : 0));
    }
    close(f);
}
static void phase(const char *s) {
    char b[64];
    if (mem) pages();
    printf("== PHASE %s\n", s); fflush(stdout);
    if (wait_lines && !fgets(b, sizeof b, stdin)) exit(2);
}
static void set(int vcpu, uint64_t id, uint64_t v) {
    struct kvm_one_reg r = { .id = id, .addr = (uintptr_t)&v };
    if (ioctl(vcpu, KVM_SET_ONE_REG, &r)) die("SET_ONE_REG");
}
static uint64_t run(int vcpu, struct kvm_run *r) {
    for (int i = 0; i < 50; i++) {
        if (ioctl(vcpu, KVM_RUN, 0)) { printf("   KVM_RUN: %s exit_reason %d\n", strerror(errno), r->exit_reason); if (errno == EINTR) continue; return ~0UL; }
        if (r->exit_reason == KVM_EXIT_MMIO && r->mmio.is_write) {
            uint64_t v = 0; memcpy(&v, r->mmio.data, 8);
            printf("   exit: mmio write 0x%llx = 0x%llx\n", (unsigned long long)r->mmio.phys_addr, (unsigned long long)v);
            return v;
        }
        printf("   exit: reason %d\n", r->exit_reason); return ~1UL;
    }
    return ~2UL;
}
static void one(int kvm, unsigned long type, const char *name) {
    char b[64];
    mem = mmap(0, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    memcpy(mem, guest_start, guest_end - guest_start); strcpy(mem + 4096, "PAGE ONE"); __builtin___clear_cache(mem, mem + 4096);
    printf("   code %08x copied %08x len %ld\n", *(volatile unsigned *)guest_start, *(volatile unsigned *)mem, (long)(guest_end - guest_start));
#define P(s) (snprintf(b, sizeof b, "%s-%s", name, s), phase(b))
    P("0-before");
    int vm = ioctl(kvm, KVM_CREATE_VM, type); if (vm < 0) { printf("== NONE %s: %s\n", name, strerror(errno)); return; }
    P("1-vm");
    struct kvm_userspace_memory_region m = { .slot = 0, .guest_phys_addr = IPA, .memory_size = PAGES * 4096, .userspace_addr = (uintptr_t)mem };
    if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &m)) die("SET_USER_MEMORY_REGION");
    int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0); if (vcpu < 0) die("CREATE_VCPU");
    struct kvm_vcpu_init init; if (ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init)) die("PREFERRED_TARGET");
    init.features[0] |= 1 << KVM_ARM_VCPU_PSCI_0_2;
    if (ioctl(vcpu, KVM_ARM_VCPU_INIT, &init)) die("VCPU_INIT");
    struct kvm_run *r = mmap(0, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    set(vcpu, REG(regs.pc), IPA); set(vcpu, REG(regs.regs[20]), IPA); set(vcpu, REG(regs.regs[21]), MMIO);
    P("2-vcpu");
    uint64_t v = run(vcpu, r); P("3-ran"); if (v > 0xffffffffffffff00UL && v != ~0UL) goto end;
    run(vcpu, r); P("4-shared");
    run(vcpu, r); P("5-unshared");
    printf("== SPIN %s\n", name); fflush(stdout);
    run(vcpu, r); P("6-read");
    if (!(type >> 31)) { if (madvise(mem + 2 * 4096, 4096, MADV_DONTNEED)) die("madvise"); P("7-dropped"); }
end:
    munmap(r, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0)); close(vcpu); close(vm); P("8-closed");
    munmap(mem, PAGES * 4096); mem = 0;
}
int main(int c, char **v) {
    if (c > 1) wait_lines = 0;
    int kvm = open("/dev/kvm", O_RDWR); if (kvm < 0) die("/dev/kvm");
    printf("KVM_API %d\n", ioctl(kvm, KVM_GET_API_VERSION, 0));
    one(kvm, 0, "normal");
    one(kvm, 1UL << 31, "protected");
    printf("== DONE\n"); fflush(stdout);
    return 0;
}
