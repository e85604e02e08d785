/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

enum { DEBUG_PORT = 0xe9, COM1 = 0x3f8, BOCHS_CONTROL = 0x8900, QEMU_EXIT = 0x501 };
static int has_debug_port;

static void out8(u16 port, u8 value) { asm volatile("outb %0, %1" ::"a"(value), "Nd"(port)); }

static u8 in8(u16 port)
{
	u8 value;
	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

void output_start(void)
{
	has_debug_port = in8(DEBUG_PORT) == DEBUG_PORT;
	out8(COM1 + 1, 0);    /* no interrupts */
	out8(COM1 + 3, 0x80); /* divisor */
	out8(COM1 + 0, 1);
	out8(COM1 + 1, 0);
	out8(COM1 + 3, 3); /* 8 bits, no parity, one stop bit */
	out8(COM1 + 2, 7);
}

static void put_serial(u8 byte)
{
	for (u32 i = 0; i < 1000000 && !(in8(COM1 + 5) & 0x20); i++)
		asm volatile("pause");
	out8(COM1, byte);
}

void put(const char *text)
{
	for (; *text; text++) {
		if (has_debug_port)
			out8(DEBUG_PORT, *text);
#ifndef BOTH
		if (has_debug_port)
			continue;
#endif
		put_serial(*text);
	}
}

static void put_digits(u64 value, u32 base)
{
	char digits[24];
	int at = sizeof digits - 1;
	digits[at] = 0;
	do
		digits[--at] = "0123456789abcdef"[value % base];
	while (value /= base);
	put(digits + at);
}

void put_decimal(u64 value) { put_digits(value, 10); }

void put_word(u64 value)
{
	put("\"0x");
	put_digits(value, 16);
	put("\"");
}

void put_field(const char *name, u64 value)
{
	put("\"");
	put(name);
	put("\":");
	put_word(value);
}

void power_off(void)
{
	put("\n");
	for (const char *text = "Shutdown"; *text; text++)
		out8(BOCHS_CONTROL, *text);
	out8(QEMU_EXIT, 0);
	for (;;)
		asm volatile("cli; hlt");
}
