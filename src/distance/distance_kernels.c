/*-------------------------------------------------------------------------
 *
 * distance_kernels.c
 *	  The kernel sets, and the choice of one.
 *
 * The kernels are written once, in distance_kernels_impl.h, with GCC's
 * vector extensions, and compiled once per instruction set by including
 * that file under other macros.  Function-level target attributes allow
 * each copy its instructions, so that the module as a whole is built for
 * the oldest CPU and still uses what the present one has.  Only the exact
 * integer kernels (code_pair_dot, sketch_sums), whose best form differs
 * entirely from one instruction set to the next, are written here, per set.
 *
 *-------------------------------------------------------------------------
 */
#include "c.h"

#include "distance/distance_kernels.h"

#define ISA_GENERIC		0
#define ISA_SSE2		1
#define ISA_AVX2		2
#define ISA_AVX512		3

#if defined(__x86_64__)
#define HAVE_X86_SETS
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* What a term of vec_sum_terms is; y is a float vector or a code */
typedef enum KernelTerm
{
	TERM_DOT,					/* x y */
	TERM_L2,					/* (x - y)^2 */
	TERM_L1,					/* |x - y| */
	TERM_CODE_DOT,				/* x code */
	TERM_CODE_L1,				/* |x - scale code| */
	TERM_CODE_L1_REFINED		/* |x - scale (code + refine / 256)| */
} KernelTerm;

typedef struct KernelOperands
{
	const float *x;
	const float *y;
	const int8 *code;
	const int8 *refine;
	float		scale;
} KernelOperands;

/* Names of the set being compiled */
#define KERNEL_PASTE2(name, set)	name##_##set
#define KERNEL_PASTE(name, set)		KERNEL_PASTE2(name, set)
#define KERNEL(name)				KERNEL_PASTE(name, KERNEL_SET)
#define KERNEL_INLINE				static pg_attribute_always_inline KERNEL_TARGET

#define VecF				KERNEL(VecF)
#define VecI				KERNEL(VecI)
#define VecU				KERNEL(VecU)
#define VecD				KERNEL(VecD)
#define VecH				KERNEL(VecH)
#define vec_load			KERNEL(vec_load)
#define vec_load_doubles	KERNEL(vec_load_doubles)
#define vec_load_tail		KERNEL(vec_load_tail)
#define vec_load_some		KERNEL(vec_load_some)
#define vec_load_code		KERNEL(vec_load_code)
#define vec_store			KERNEL(vec_store)
#define vec_store_code		KERNEL(vec_store_code)
#define vec_abs				KERNEL(vec_abs)
#define vec_max				KERNEL(vec_max)
#define vec_min				KERNEL(vec_min)
#define vec_clamp			KERNEL(vec_clamp)
#define vec_sum				KERNEL(vec_sum)
#define vec_sign_bits		KERNEL(vec_sign_bits)
#define vec_apply_signs		KERNEL(vec_apply_signs)
#define vec_hadamard		KERNEL(vec_hadamard)
#define vec_hadamard_four	KERNEL(vec_hadamard_four)
#define vec_total			KERNEL(vec_total)
#define vec_quantize		KERNEL(vec_quantize)
#define vec_term			KERNEL(vec_term)
#define vec_sum_terms		KERNEL(vec_sum_terms)
#define vec_add_products	KERNEL(vec_add_products)

/* For LANE_LIST */
#define LANE_NUMBER(i)		(i)
#define LANE_BIT(i)			(1U << (i))
#define LANE_XOR1(i)		((i) ^ 1)
#define LANE_XOR2(i)		((i) ^ 2)
#define LANE_XOR4(i)		((i) ^ 4)
#define LANE_XOR8(i)		((i) ^ 8)
#define LANE_SIGN1(i)		((i) & 1 ? -1.0f : 1.0f)
#define LANE_SIGN2(i)		((i) & 2 ? -1.0f : 1.0f)
#define LANE_SIGN4(i)		((i) & 4 ? -1.0f : 1.0f)
#define LANE_SIGN8(i)		((i) & 8 ? -1.0f : 1.0f)

/* GCC has had __builtin_shufflevector since version 12 only */
#if defined(__clang__) || __GNUC__ >= 12
#define VEC_SHUFFLE(v, ...)	__builtin_shufflevector(v, v, __VA_ARGS__)
#else
#define VEC_SHUFFLE(v, ...)	__builtin_shuffle(v, (VecI) {__VA_ARGS__})
#endif

/* Unroll the short loop that follows, so that its arrays become registers */
#if defined(__clang__)
#define UNROLL	_Pragma("clang loop unroll(full)")
#else
#define UNROLL	_Pragma("GCC unroll 16")
#endif

static inline const uint64 *
sketch_at(const void *sketches, int i, int stride)
{
	return (const uint64 *) ((const char *) sketches + (Size) i * stride);
}

/*
 * Baseline: what every CPU of the architecture has
 */

/* Bits set in each byte of w, in that byte */
static inline uint64
byte_popcounts(uint64 w)
{
	w = w - ((w >> 1) & UINT64CONST(0x5555555555555555));
	w = (w & UINT64CONST(0x3333333333333333)) +
		((w >> 2) & UINT64CONST(0x3333333333333333));
	return (w + (w >> 4)) & UINT64CONST(0x0F0F0F0F0F0F0F0F);
}

/*
 * The planes' weighted counts of a word are at most 8 * 15 = 120 per byte,
 * so they are added up before the bytes are.
 */
static void
sketch_sums_baseline(int n, const void *sketches, int stride, int words,
					 const uint64 *planes, int32 *sums)
{
	for (int i = 0; i < n; i++)
	{
		const uint64 *sketch = sketch_at(sketches, i, stride);
		int32		sum = 0;

		for (int k = 0; k < words; k++)
		{
			uint64		bytes = 0;

			for (int j = SKETCH_QUERY_BITS - 1; j >= 0; j--)
				bytes = 2 * bytes +
					byte_popcounts(sketch[k] ^ planes[j * words + k]);
			bytes = (bytes & UINT64CONST(0x00FF00FF00FF00FF)) +
				((bytes >> 8) & UINT64CONST(0x00FF00FF00FF00FF));
			sum += (bytes * UINT64CONST(0x0001000100010001)) >> 48;
		}
		sums[i] = sum;
	}
}

static int32
code_pair_dot_baseline(int n, const int8 *x, const int8 *y)
{
	int32		sum = 0;

	for (int i = 0; i < n; i++)
		sum += (int32) x[i] * y[i];
	return sum;
}

#define KERNEL_SET		baseline
#define KERNEL_TARGET
#define KERNEL_LANES	4
#if defined(__aarch64__)
#define KERNEL_NAME		"neon"
#else
#define KERNEL_NAME		"baseline"
#endif
#if defined(HAVE_X86_SETS)
#define KERNEL_ISA		ISA_SSE2
#else
#define KERNEL_ISA		ISA_GENERIC
#endif
#include "distance/distance_kernels_lanes.h"
#include "distance/distance_kernels_impl.h"

/*
 * The choice
 */

const DistanceKernels *distance_kernels = &kernels_baseline;

/* The sets this CPU can run, from the oldest to the newest, and NULL */
static const DistanceKernels *available[5] = {&kernels_baseline};

void
distance_init(void)
{
	int			count = 0;

	available[count++] = &kernels_baseline;
	distance_kernels = available[count - 1];
	available[count] = NULL;
}

const DistanceKernels *const *
distance_available(void)
{
	distance_init();
	return available;
}
