# SPDX-License-Identifier: Apache-2.0
# From the boot sector to long mode. The BIOS loads this sector at 0x7c00; the rest of the image is read piece by piece
# below 1 MByte and moved to where it is linked (int 0x15, function 0x87). Every page of memory is mapped to itself.

	.equ	sectors, 64			# of one piece: 32 KBytes
	.equ	buffer, 0x10000

	.code16
	.section .boot, "ax"
	.globl	_start
_start:	cli
	ljmp	$0, $1f
1:	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7c00, %sp
	movb	%dl, drive			# what the BIOS booted from
	movw	$image_pieces, pieces
read:	movw	$packet, %si
	movb	$0x42, %ah			# extended read
	movb	drive, %dl
	int	$0x13
	jc	failed
	addl	$sectors, packet + 8
	movw	$descriptors, %si
	movw	$sectors * 256, %cx		# in words of two bytes
	movb	$0x87, %ah			# move a block of extended memory
	int	$0x15
	jc	failed
	addl	$sectors * 512, descriptors + 0x1a	# base of the target, bits 23:0 and the access byte above
	decw	pieces
	jnz	read
	cli
	inb	$0x92, %al			# the BIOS may have closed A20 again
	orb	$2, %al
	andb	$0xfe, %al
	outb	%al, $0x92
	lgdt	gdt_register
	movl	%cr0, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmp	$0x18, $protected
failed:	movw	$0x0e46, %ax			# "F"
	int	$0x10
	movb	$'F', %al
	outb	%al, $0xe9
2:	hlt
	jmp	2b

drive:	.byte	0
pieces:	.word	0
	.balign	4
packet:	.byte	16, 0
	.word	sectors, 0, buffer >> 4
	.quad	1
	.balign	8
descriptors:					# none, itself, source, target, two for the BIOS
	.quad	0, 0
	.word	0xffff
	.long	0x93000000 + buffer
	.word	0
	.word	0xffff
	.long	0x93000000 + image_start
	.word	0
	.quad	0, 0
	.balign	8
	.globl	gdt
gdt:	.quad	0
	.quad	0x00af9b000000ffff		# 08 code, 64 bits
	.quad	0x00cf93000000ffff		# 10 data
	.quad	0x00cf9b000000ffff		# 18 code, 32 bits
	.quad	0x00affb000000ffff		# 20 code, 64 bits, privilege level 3
	.quad	0x00cff3000000ffff		# 28 data, privilege level 3
	.quad	0x0000890007000067		# 30 task state at 0x700: VM exits load a task register
	.quad	0
gdt_register:
	.word	. - gdt - 1
	.long	gdt

	.code32
protected:
	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$bss_start, %edi
	movl	$bss_dwords, %ecx
	xorl	%eax, %eax
	cld
	rep stosl
	movl	$host_pdpt + 3, host_pml4
	movl	$host_pd + 3, host_pdpt
	movl	$host_pd, %edi			# 1 GByte in pages of 2 MBytes
	movl	$0x83, %eax
3:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	cmpl	$host_pd + 0x1000, %edi
	jne	3b
	movl	$host_pml4, %eax
	movl	%eax, %cr3
	movl	$0x20, %eax			# CR4.PAE
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx		# IA32_EFER: LME and NXE
	rdmsr
	orl	$0x900, %eax
	wrmsr
	movl	$0x80010033, %eax		# CR0: PG, WP, NE, ET, MP, PE
	movl	%eax, %cr0
	ljmp	$8, $long
	.code64
long:	movl	$stack_end, %esp
	call	hypervisor
4:	hlt
	jmp	4b
	.org	510
	.word	0xaa55

	.section .bss
	.balign	4096
	.globl	host_pml4
host_pml4:	.skip 4096
host_pdpt:	.skip 4096
host_pd:	.skip 4096
stack:		.skip 16384
stack_end:
	.section .note.GNU-stack, "", @progbits
