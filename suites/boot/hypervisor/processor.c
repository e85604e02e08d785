/* SPDX-License-Identifier: Apache-2.0 */
#include "processor.h"

struct processor processor;
static u32 vmxon_region[1024] __attribute__((aligned(4096)));
static u32 vmcs_region[1024] __attribute__((aligned(4096)));
static u64 host_idt[512] __attribute__((aligned(4096)));
static u64 guest_idt[512] __attribute__((aligned(4096)));
static struct { u64 low, high; } invept_everything;
extern void host_exception(void);
extern u64 gdt[], host_pml4[];
enum { GDT_BYTES = 64, TASK_STATE = 0x700 };

static u64 read_msr(u32 msr)
{
	u32 low, high;
	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

static void write_msr(u32 msr, u64 value) { asm volatile("wrmsr" ::"c"(msr), "a"((u32)value), "d"((u32)(value >> 32))); }

static void cpuid(u32 leaf, u32 out[4]) { asm volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3]) : "a"(leaf), "c"(0)); }

u64 vmcs_read(enum vmcs_field field)
{
	u64 value = 0;
	asm volatile("vmread %1, %0" : "=r"(value) : "r"((u64)field) : "cc");
	return value;
}

void vmcs_write(enum vmcs_field field, u64 value) { asm volatile("vmwrite %0, %1" ::"r"(value), "r"((u64)field) : "cc"); }

static void set(u64 field, u64 value) { vmcs_write(field, value); }

void forget_translations(void) { asm volatile("invept %0, %1" ::"m"(invept_everything), "r"(2UL) : "cc", "memory"); }

int can_enable(u32 control) { return (processor.secondary >> 32 & control) != 0; }

/* What a capability MSR of controls makes of the wanted ones: the low half must be 1, the high half may be. */
static u64 adjusted(u64 wanted, u32 msr)
{
	u64 allowed = read_msr(msr);
	return (wanted | (u32)allowed) & allowed >> 32;
}

static u64 cr0(void) { u64 value; asm volatile("mov %%cr0, %0" : "=r"(value)); return value; }
static u64 cr4(void) { u64 value; asm volatile("mov %%cr4, %0" : "=r"(value)); return value; }

static void set_controls(void)
{
	int has_true = processor.vmx_basic >> 55 & 1;
	set(0x4000, adjusted(0, has_true ? 0x48d : 0x481));        /* pin-based */
	set(0x4002, adjusted(1u << 31, has_true ? 0x48e : 0x482)); /* secondary controls */
	set(0x400c, adjusted(1 << 9, has_true ? 0x48f : 0x483));   /* a 64-bit host */
	set(0x4012, adjusted(1 << 9, has_true ? 0x490 : 0x484));   /* a 64-bit guest */
	set(0x4004, 0xffffffff);                                   /* every exception exits */
	set(0x4006, 0), set(0x4008, 0);                            /* page faults too */
	set(0x400a, 0), set(0x400e, 0), set(0x4010, 0), set(0x4014, 0), set(0x4016, 0);
	set(0x2800, ~0UL); /* link pointer */
	set(0x6000, 0), set(0x6002, 0), set(0x6004, cr0()), set(0x6006, cr4());
}

static void set_host(void)
{
	set(0x6c00, cr0()), set(0x6c02, (u64)host_pml4), set(0x6c04, cr4());
	for (u64 field = 0xc00; field <= 0xc0a; field += 2) /* ES, CS, SS, DS, FS, GS */
		set(field, field == 0xc02 ? 8 : 0x10);
	set(0xc0c, 0x30);
	set(0x4c00, 0), set(0x6c10, 0), set(0x6c12, 0); /* SYSENTER */
	set(0x6c06, 0), set(0x6c08, 0);                 /* bases of FS and GS */
	set(0x6c0a, TASK_STATE), set(0x6c0c, (u64)gdt), set(0x6c0e, (u64)host_idt);
}

static void set_guest(u64 guest_cr3)
{
	set(0x6800, cr0()), set(0x6802, guest_cr3), set(0x6804, cr4());
	for (u64 at = 0; at < 6; at++) { /* ES, CS, SS, DS, FS, GS */
		set(0x800 + 2 * at, at == 1 ? 8 : 0x10);
		set(0x4800 + 2 * at, 0xffffffff);
		set(0x4814 + 2 * at, at == 1 ? 0xa09b : 0xc093);
		set(0x6806 + 2 * at, 0);
	}
	set(0x80c, 0), set(0x480c, 0), set(0x4820, 0x10000), set(0x6812, 0);           /* no LDTR */
	set(0x80e, 0x30), set(0x480e, 0x67), set(0x4822, 0x8b), set(0x6814, TASK_STATE); /* TR */
	set(0x6816, (u64)gdt), set(0x4810, GDT_BYTES - 1);
	set(0x6818, (u64)guest_idt), set(0x4812, sizeof guest_idt - 1);
	set(0x681a, 0x400), set(0x6822, 0), set(0x6824, 0), set(0x6826, 0), set(0x482a, 0), set(0x4826, 0);
}

static void load_idt(void)
{
	struct { u16 limit; u64 base; } __attribute__((packed)) idt = {sizeof host_idt - 1, (u64)host_idt};
	u64 at = (u64)host_exception;
	for (int i = 0; i < 256; i++) {
		host_idt[2 * i] = (at & 0xffff) | 8UL << 16 | 0x8eUL << 40 | (at >> 16 & 0xffff) << 48;
		host_idt[2 * i + 1] = at >> 32;
	}
	asm volatile("lidt %0" ::"m"(idt));
}

static const char *enter_vmx(void)
{
	u64 address;
	u8 failed;
	u64 features = read_msr(0x3a); /* IA32_FEATURE_CONTROL */
	if (!(features & 1))
		write_msr(0x3a, features | 5);
	else if (!(features & 4))
		return "VMX is switched off by the firmware";
	asm volatile("mov %0, %%cr0" ::"r"(cr0() | read_msr(0x486)));
	asm volatile("mov %0, %%cr4" ::"r"(cr4() | 1 << 13 | read_msr(0x488)));
	vmxon_region[0] = vmcs_region[0] = processor.vmx_basic & 0x7fffffff;
	address = (u64)vmxon_region;
	asm volatile("vmxon %1; setbe %0" : "=q"(failed) : "m"(address) : "cc");
	if (failed)
		return "VMXON failed";
	address = (u64)vmcs_region;
	asm volatile("vmclear %1; setbe %0" : "=q"(failed) : "m"(address) : "cc");
	if (!failed)
		asm volatile("vmptrld %1; setbe %0" : "=q"(failed) : "m"(address) : "cc");
	return failed ? "no VMCS could be loaded" : 0;
}

const char *processor_start(u64 guest_cr3)
{
	u32 out[4];
	const char *problem;
	load_idt();
	cpuid(0x80000008, out);
	processor.max_physical_address_width = out[0] & 255;
	cpuid(1, out);
	processor.signature = out[0];
	if (!(out[2] >> 5 & 1))
		return "the processor has no VMX";
	processor.vmx_basic = read_msr(0x480);
	if (!(read_msr(0x482) >> 63))
		return "the processor has no secondary VM-execution controls";
	processor.secondary = read_msr(0x48b);
	if (!can_enable(ENABLE_EPT))
		return "the processor has no EPT";
	processor.ept_vpid_cap = read_msr(0x48c);
	if (!(processor.ept_vpid_cap >> 26 & processor.ept_vpid_cap >> 20 & processor.ept_vpid_cap >> 16 & 1))
		return "the processor has no INVEPT of everything, or no 2-MByte pages in the EPT";
	problem = enter_vmx();
	if (problem)
		return problem;
	set_controls();
	set_host();
	set_guest(guest_cr3);
	return 0;
}
