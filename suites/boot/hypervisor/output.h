/* SPDX-License-Identifier: Apache-2.0 */
/* JSON, a line an exit: to port 0xE9 where something answers there (Bochs, QEMU's debug console), else to the first
 * serial line at 115200 baud. Compiled with -DBOTH, to both. */
#ifndef OUTPUT_H
#define OUTPUT_H
#include "types.h"
void output_start(void);
void put(const char *text);
void put_decimal(u64 value);
/* "0x1007", with the quotes. */
void put_word(u64 value);
/* "name":"0x1007" */
void put_field(const char *name, u64 value);
/* Ends the run: Bochs and QEMU end too, a computer halts. */
void __attribute__((noreturn)) power_off(void);
#endif
