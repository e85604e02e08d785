#!/bin/sh
# Builds disk.img from these sources: gcc and binutils of any Linux on x86-64 (CC, LD, OBJCOPY name others).
set -e
cd "$(dirname "$0")"
flags="-O2 -ffreestanding -fno-pic -fno-pie -mno-red-zone -mgeneral-regs-only -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -Wall -Wextra"
for source in boot.S guest.S; do ${CC:-gcc} -c "$source" -o "${source%.S}.o"; done
for source in output.c processor.c hypervisor.c; do ${CC:-gcc} $flags -c "$source" -o "${source%.c}.o"; done
${LD:-ld} -n -T link.ld boot.o guest.o output.o processor.o hypervisor.o -o hypervisor.elf
${OBJCOPY:-objcopy} -O binary -j .boot hypervisor.elf boot.bin
${OBJCOPY:-objcopy} -O binary -j .text hypervisor.elf text.bin
cat boot.bin text.bin > disk.img
truncate -s 10321920 disk.img # 20 cylinders, 16 heads, 63 sectors
