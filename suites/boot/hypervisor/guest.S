# SPDX-License-Identifier: Apache-2.0
# VM entry and exit, and the instructions that the guest runs.

	.text
# int enter_guest(const u64 registers[6] /* rdi */, int is_launched /* rsi */)
# 0 after a VM exit, 1 for VMfailInvalid, 2 for VMfailValid
	.globl	enter_guest
enter_guest:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	$0x6c14, %edx			# HOST_RSP
	vmwrite	%rsp, %rdx
	mov	$0x6c16, %edx			# HOST_RIP
	lea	exited(%rip), %rcx
	vmwrite	%rcx, %rdx
	mov	0(%rdi), %rax
	mov	16(%rdi), %r8
	mov	24(%rdi), %r9
	mov	32(%rdi), %r10
	mov	40(%rdi), %r11
	test	%esi, %esi
	mov	8(%rdi), %rdi
	jnz	1f
	vmlaunch
	jmp	2f
1:	vmresume
2:	mov	$2, %eax
	jz	3f
	mov	$1, %eax
	jmp	3f
exited:	xor	%eax, %eax
3:	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	.globl	host_exception
host_exception:
	mov	(%rsp), %rdi
	mov	8(%rsp), %rsi
	and	$-16, %rsp
	call	host_faulted

# One access each, at the address in rdi; what is written is in rax, and r8 says what is next.
	.macro	access name:req, instruction:vararg
	.balign	16
	.globl	guest_\name
guest_\name:
	\instruction
	jmp	*%r8
	.endm
	access	read1, mov (%rdi), %cl
	access	read2, mov (%rdi), %cx
	access	read4, mov (%rdi), %ecx
	access	read8, mov (%rdi), %rcx
	access	write1, mov %al, (%rdi)
	access	write2, mov %ax, (%rdi)
	access	write4, mov %eax, (%rdi)
	access	write8, mov %rax, (%rdi)
	access	rmw1, lock addb %al, (%rdi)
	access	rmw2, lock addw %ax, (%rdi)
	access	rmw4, lock addl %eax, (%rdi)
	access	rmw8, lock addq %rax, (%rdi)
	.balign	16
	.globl	guest_execute			# the page holds a VMCALL
guest_execute:
	jmp	*%rdi
	.balign	16
	.globl	guest_second			# the second access, in r9, at the address in r10
guest_second:
	mov	%r10, %rdi
	mov	%r11, %r8
	jmp	*%r9
	.balign	16
	.globl	guest_done
guest_done:
	vmcall
	.section .note.GNU-stack, "", @progbits
