/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TYPES_H
#define TYPES_H
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
/* Memory is mapped to itself: a physical address is a pointer. */
#define WORDS(address) ((volatile u64 *)(u64)(address))
#define BYTES(address) ((volatile u8 *)(u64)(address))
#endif
