/*
 * ownership with own gpas, two protected and two normal guests, well-formed calls on guests of the right kind: written
 * by hand, for speed, as the peer that the engine is measured against. spin -DPAGES=6 [-DREFUSED].
 *
 * Three bits a page, all in one word. 0: the host's. 1: the hypervisor's. 2, 3: owned by protected guest A, B.
 * 4, 5: the same, shared back to the host. 6, 7: lent to normal guest C, D.
 */
int pages = 0;

#define AT(p) (3 * (p))
#define IS(p, s) ((pages & (7 << AT(p))) == ((s) << AT(p)))
#define GO(p, from, to) pages = pages ^ (((from) ^ (to)) << AT(p))

#ifdef REFUSED
#define CALL(guard, change) :: d_step { if :: guard -> change :: else fi }
#else
#define CALL(guard, change) :: d_step { guard; change }
#endif
#define MOVE(p, from, to) CALL(IS(p, from), GO(p, from, to))

#define PAGE(p) \
  MOVE(p, 0, 1) /* host_donate_hyp */ \
  MOVE(p, 1, 0) /* hyp_donate_host */ \
  MOVE(p, 0, 6) /* host_share_guest */ \
  MOVE(p, 0, 7) \
  MOVE(p, 6, 0) /* host_unshare_guest */ \
  MOVE(p, 7, 0) \
  MOVE(p, 0, 2) /* host_donate_guest */ \
  MOVE(p, 0, 3) \
  CALL((IS(p, 2) || IS(p, 4)), pages = pages & ~(7 << AT(p))) /* host_undonate_guest, owned or shared back */ \
  CALL((IS(p, 3) || IS(p, 5)), pages = pages & ~(7 << AT(p))) \
  MOVE(p, 2, 4) /* guest_share_host */ \
  MOVE(p, 3, 5) \
  MOVE(p, 4, 2) /* guest_unshare_host */ \
  MOVE(p, 5, 3)

active proctype calls() {
  do
  PAGE(0)
#if PAGES > 1
  PAGE(1)
#endif
#if PAGES > 2
  PAGE(2)
#endif
#if PAGES > 3
  PAGE(3)
#endif
#if PAGES > 4
  PAGE(4)
#endif
#if PAGES > 5
  PAGE(5)
#endif
#if PAGES > 6
  PAGE(6)
#endif
#if PAGES > 7
  PAGE(7)
#endif
  od
}
