/* SPDX-License-Identifier: Apache-2.0 */
/* The first program of a Debian kernel with KVM: loads it twice, runs a guest with two vCPUs under it each time, and
 * prints to port 0xE9 KVM's trace, its EPT as it lies in memory, and what backs the guest's pages. */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing/"
/* Where the kernel maps all physical memory, without address-space randomisation. */
#define DIRECT_MAP 0xffff888000000000UL
#define DIRECT_MAP_END 0xffffc88000000000UL
#define MB (1UL << 20)

enum slot { CODE, READ_ONLY, LOGGED, HUGE, SLOTS };
static const uint64_t slot_gpa[SLOTS] = {0, 0x400000, 0x600000, 0x800000};
static const uint64_t slot_size[SLOTS] = {2 * MB, MB, MB, 2 * MB};
static const uint32_t slot_flags[SLOTS] = {0, KVM_MEM_READONLY, KVM_MEM_LOG_DIRTY_PAGES, 0};
static unsigned char *slot_memory[SLOTS];

static void out(const char *text, size_t size)
{
	while (size--)
		outb(*text++, 0xe9);
}

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	char line[512];
	va_list list;
	va_start(list, format);
	out(line, vsnprintf(line, sizeof line, format, list));
	va_end(list);
}

static void power_off(void)
{
	for (const char *text = "Shutdown"; *text; text++)
		outb(*text, 0x8900);
	for (;;)
		pause();
}

static void fail(const char *what)
{
	say("# failed: %s\n", what);
	power_off();
}

static void put(const char *name, const char *text)
{
	int file = open(name, O_WRONLY | O_APPEND);
	if (file < 0 || write(file, text, strlen(text)) < 0)
		say("# cannot write %s\n", name);
	close(file);
}

static void load(const char *name, const char *parameters)
{
	int file = open(name, O_RDONLY);
	if (syscall(SYS_finit_module, file, parameters, 0))
		fail(name);
	close(file);
}

/* The guest: flat 32-bit code at 0x1000, and at 0x2000 what the second vCPU runs with its own page tables, which map
 * 0x800000 bytes to themselves. Every page of data is met for the first time. */
extern const char flat_code[], flat_code_end[], paged_code[], paged_code_end[];
asm(".pushsection .rodata\n.code32\n"
    "flat_code:\n"
    "	mov 0x10000, %eax\n"	 /* read */
    "	mov %eax, 0x11000\n"	 /* write */
    "	mov $0x13000, %ecx\n	call *%ecx\n" /* fetch */
    "	lock addl $1, 0x12000\n" /* read and write */
    "	mov 0x400000, %eax\n"	 /* a read-only slot */
    "	mov %eax, 0x400040\n"	 /* and a write to it */
    "	mov %eax, 0x600000\n	mov %eax, 0x601008\n	mov 0x602000, %eax\n" /* a logged slot */
    "	out %al, $0x11\n"	 /* the log is taken */
    "	mov %eax, 0x600000\n	mov %eax, 0x602000\n"
    "	mov %eax, 0x10000000\n	mov 0x10000004, %eax\n" /* nothing is there */
    "	mov %eax, 0x800000\n	mov %eax, 0x900000\n"	  /* a 2-MByte page */
    "	out %al, $0x11\n	hlt\n"
    "flat_code_end:\n"
    "paged_code:\n"
    "	mov 0x30008, %eax\n	mov %eax, 0x31010\n"
    "	mov 0x400000, %eax\n	mov %eax, 0x401020\n"
    "	mov %eax, 0x605000\n	mov %eax, 0x606008\n"
    "	out %al, $0x11\n"
    "	mov %eax, 0x605000\n	out %al, $0x11\n	hlt\n"
    "paged_code_end:\n.code64\n.popsection\n");

static void *allocate(size_t size, int advice)
{
	uintptr_t start = (uintptr_t)mmap(0, size + 2 * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *aligned = (void *)((start + 2 * MB - 1) & ~(2 * MB - 1));
	madvise(aligned, size, advice);
	return aligned;
}

static void fill_memory(void)
{
	unsigned char *code;
	uint32_t *directory, *table;
	for (int at = 0; at < SLOTS; at++) {
		slot_memory[at] = allocate(slot_size[at], at == HUGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		slot_memory[at][0] = 1;
	}
	code = slot_memory[CODE];
	memcpy(code + 0x1000, flat_code, flat_code_end - flat_code);
	memcpy(code + 0x2000, paged_code, paged_code_end - paged_code);
	code[0x13000] = 0xc3; /* ret */
	directory = (uint32_t *)(code + 0x100000);
	for (uint32_t at = 0; at < 2; at++) {
		directory[at] = (0x101000 + at * 0x1000) | 7;
		table = (uint32_t *)(code + 0x101000 + at * 0x1000);
		for (uint32_t page = 0; page < 1024; page++)
			table[page] = (at << 22 | page << 12) | 7;
	}
}

static void take_log(int vm)
{
	uint64_t pages[4] = {0};
	struct kvm_dirty_log log = {.slot = LOGGED, .dirty_bitmap = pages};
	ioctl(vm, KVM_GET_DIRTY_LOG, &log);
	say("# dirty log 0x%lx\n", pages[0]);
}

static void run_guest(int vm, int vcpu, struct kvm_run *run)
{
	for (int i = 0; i < 40; i++) {
		if (ioctl(vcpu, KVM_RUN, 0))
			fail("KVM_RUN");
		if (run->exit_reason == KVM_EXIT_IO)
			take_log(vm);
		else if (run->exit_reason != KVM_EXIT_MMIO) {
			say("# ended with %u\n", run->exit_reason);
			return;
		}
	}
}

static void run_vcpu(int kvm, int vm, int number, uint64_t start, int paging)
{
	struct kvm_sregs special;
	struct kvm_regs registers = {.rip = start, .rsp = 0x20000, .rflags = 2};
	struct kvm_segment flat = {.limit = 0xffffffff, .selector = 8, .present = 1, .type = 11, .s = 1, .db = 1, .g = 1};
	int state = KVM_MP_STATE_RUNNABLE, vcpu = ioctl(vm, KVM_CREATE_VCPU, number);
	struct kvm_run *run = mmap(0, ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	ioctl(vcpu, KVM_SET_MP_STATE, &state);
	ioctl(vcpu, KVM_GET_SREGS, &special);
	special.cs = flat;
	flat.type = 3, flat.selector = 16;
	special.ds = special.es = special.fs = special.gs = special.ss = flat;
	special.cr0 = paging ? 0x80010033 : 0x33;
	special.cr3 = 0x100000;
	if (ioctl(vcpu, KVM_SET_SREGS, &special) || ioctl(vcpu, KVM_SET_REGS, &registers))
		fail("the registers of a vCPU");
	run_guest(vm, vcpu, run);
}

static Elf64_Phdr segments[64];
static int kcore, segment_count;

static void open_memory(void)
{
	Elf64_Ehdr header;
	kcore = open("/proc/kcore", O_RDONLY);
	if (pread(kcore, &header, sizeof header, 0) != sizeof header)
		fail("/proc/kcore");
	segment_count = header.e_phnum < 64 ? header.e_phnum : 64;
	pread(kcore, segments, segment_count * sizeof *segments, header.e_phoff);
}

static int read_physical(uint64_t address, void *buffer, size_t size)
{
	for (int at = 0; at < segment_count; at++) {
		const Elf64_Phdr *segment = &segments[at];
		uint64_t start = segment->p_vaddr - DIRECT_MAP;
		if (segment->p_type != PT_LOAD || segment->p_vaddr < DIRECT_MAP || segment->p_vaddr >= DIRECT_MAP_END)
			continue;
		if (address >= start && address + size <= start + segment->p_memsz)
			return pread(kcore, buffer, size, segment->p_offset + address - start) == (ssize_t)size;
	}
	return 0;
}

/* A page table and all below it, as QEMU's "xp" prints memory. */
static void print_table(uint64_t table, int level)
{
	uint64_t entries[512];
	if (!read_physical(table, entries, sizeof entries))
		fail("a page of the EPT");
	for (int at = 0; at < 512; at += 2)
		say("%016lx: 0x%016lx 0x%016lx\n", table + 8 * at, entries[at], entries[at + 1]);
	for (int at = 0; level > 1 && at < 512; at++)
		if ((entries[at] & 7) && !(entries[at] & 0x80))
			print_table(entries[at] & 0xffffffffff000, level - 1);
}

static void print_backing(void)
{
	static const struct { enum slot slot; uint64_t offset; } pages[] = {
		{CODE, 0x1000}, {CODE, 0x10000}, {CODE, 0x11000}, {CODE, 0x13000}, {READ_ONLY, 0}, {LOGGED, 0}, {LOGGED, 0x1000},
		{LOGGED, 0x5000}, {HUGE, 0}, {HUGE, 0x100000},
	};
	int map = open("/proc/self/pagemap", O_RDONLY);
	for (unsigned at = 0; at < sizeof pages / sizeof *pages; at++) {
		uint64_t entry = 0, address = (uint64_t)slot_memory[pages[at].slot] + pages[at].offset;
		pread(map, &entry, 8, address / 4096 * 8);
		if (entry >> 63)
			say("# backing gpa 0x%lx hpa 0x%lx\n", slot_gpa[pages[at].slot] + pages[at].offset, (entry & ((1UL << 55) - 1)) << 12);
	}
	close(map);
}

static void print_trace_and_tables(void)
{
	char *trace = malloc(8 * MB), *at;
	size_t size = 0;
	ssize_t more;
	uint64_t root = 0;
	int file = open(TRACING "trace", O_RDONLY);
	while ((more = read(file, trace + size, 65536)) > 0)
		size += more;
	trace[size] = 0;
	say("# trace begin\n"), out(trace, size), say("# trace end\n");
	for (at = trace; (at = strstr(at, "root=0x")); at++)
		if (strtoull(at + 5, 0, 16))
			root = strtoull(at + 5, 0, 16);
	say("# tables begin\n"), print_table(root & ~0xfffUL, 4), say("# tables end\n");
}

static void live(const char *parameters)
{
	int kvm, vm;
	say("# run %s\n", parameters);
	load("/kvm-intel.ko", parameters);
	put(TRACING "trace", "\n");
	put(TRACING "kprobe_events", "p:pgd kvm_intel:vmx_load_mmu_pgd root=%si:x64 level=%dx:s32\n");
	put(TRACING "events/kvm/enable", "1"), put(TRACING "events/kvmmmu/enable", "1"), put(TRACING "events/kprobes/enable", "1");
	put(TRACING "tracing_on", "1");
	kvm = open("/dev/kvm", O_RDWR);
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (kvm < 0 || vm < 0 || ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000))
		fail("/dev/kvm");
	fill_memory();
	for (int at = 0; at < SLOTS; at++) {
		struct kvm_userspace_memory_region region = {at, slot_flags[at], slot_gpa[at], slot_size[at], (uint64_t)slot_memory[at]};
		if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
			fail("a memory slot");
	}
	run_vcpu(kvm, vm, 0, 0x1000, 0);
	run_vcpu(kvm, vm, 1, 0x2000, 1);
	put(TRACING "tracing_on", "0");
	print_backing();
	print_trace_and_tables();
	exit(0);
}

static void run_once(const char *parameters)
{
	if (!fork())
		live(parameters);
	wait(0);
}

int main(void)
{
	iopl(3);
	mkdir("/proc", 0755), mkdir("/sys", 0755), mkdir("/dev", 0755);
	mount("p", "/proc", "proc", 0, 0), mount("s", "/sys", "sysfs", 0, 0), mount("d", "/dev", "devtmpfs", 0, 0);
	mount("t", "/sys/kernel/tracing", "tracefs", 0, 0);
	say("\n# booted\n");
	load("/irqbypass.ko", ""), load("/kvm.ko", "");
	open_memory();
	run_once("");
	put(TRACING "events/kprobes/enable", "0");
	close(open(TRACING "kprobe_events", O_WRONLY | O_TRUNC));
	if (syscall(SYS_delete_module, "kvm_intel", O_NONBLOCK))
		fail("unloading kvm_intel");
	run_once("pml=0 eptad=0");
	say("# done\n");
	power_off();
}
