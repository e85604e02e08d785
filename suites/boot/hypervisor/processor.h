/* SPDX-License-Identifier: Apache-2.0 */
/* VMX of one logical processor: what it can do, and the VMCS. Encodings: SDM vol. 3D, "Field Encoding in VMCS". */
#ifndef PROCESSOR_H
#define PROCESSOR_H
#include "types.h"

enum vmcs_field {
	PML_INDEX = 0x812,
	PML_ADDRESS = 0x200e,
	EPT_POINTER = 0x201a,
	VE_INFO_ADDRESS = 0x202a,
	SPPT_POINTER = 0x2030,
	GUEST_PHYSICAL = 0x2400,
	SECONDARY_CONTROLS = 0x401e,
	INSTRUCTION_ERROR = 0x4400,
	EXIT_REASON = 0x4402,
	EXIT_INTERRUPTION = 0x4404,
	GUEST_CS_SELECTOR = 0x802,
	GUEST_SS_SELECTOR = 0x804,
	GUEST_CS_RIGHTS = 0x4816,
	GUEST_SS_RIGHTS = 0x4818,
	EXIT_QUALIFICATION = 0x6400,
	GUEST_LINEAR = 0x640a,
	GUEST_RSP = 0x681c,
	GUEST_RIP = 0x681e,
	GUEST_RFLAGS = 0x6820,
	GUEST_INTERRUPTIBILITY = 0x4824,
};

/* Secondary processor-based VM-execution controls. */
enum { ENABLE_EPT = 1 << 1, ENABLE_PML = 1 << 17, EPT_VIOLATION_VE = 1 << 18, MODE_BASED_EXECUTE = 1 << 22, SUB_PAGE_WRITE = 1 << 23 };

struct processor {
	u32 max_physical_address_width, signature;
	u64 vmx_basic, secondary, ept_vpid_cap;
};
extern struct processor processor;

/* Enters VMX operation with one VMCS, in which all is set that no case changes; `0` or why it cannot. */
const char *processor_start(u64 guest_cr3);
/* Whether a secondary control can be 1. */
int can_enable(u32 control);
u64 vmcs_read(enum vmcs_field field);
void vmcs_write(enum vmcs_field field, u64 value);
/* INVEPT of everything. */
void forget_translations(void);
#endif
