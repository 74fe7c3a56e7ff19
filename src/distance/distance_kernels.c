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
#define KERNEL_INLINE \
	static pg_attribute_always_inline KERNEL_TARGET

#define VecF				KERNEL(VecF)
#define VecI				KERNEL(VecI)
#define VecU				KERNEL(VecU)
#define VecD				KERNEL(VecD)
#define VecH				KERNEL(VecH)
#define VecB				KERNEL(VecB)
#define VecW				KERNEL(VecW)
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
#define vec_select_bytes	KERNEL(vec_select_bytes)
#define vec_pair_sums		KERNEL(vec_pair_sums)
#define vec_sum_words		KERNEL(vec_sum_words)
#define vec_sum_selected	KERNEL(vec_sum_selected)
#define vec_hadamard		KERNEL(vec_hadamard)
#define vec_hadamard_four	KERNEL(vec_hadamard_four)
#define vec_total			KERNEL(vec_total)
#define vec_quantize		KERNEL(vec_quantize)
#define vec_term			KERNEL(vec_term)
#define vec_sum_terms		KERNEL(vec_sum_terms)
#define vec_add_products	KERNEL(vec_add_products)

/* For LANE_LIST */
#define LANE_NUMBER(i)		(i)
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

/* A sketch with all bits set */
static const uint64 all_bits[SKETCH_MAX_WORDS] = {
	~UINT64CONST(0), ~UINT64CONST(0), ~UINT64CONST(0), ~UINT64CONST(0),
	~UINT64CONST(0), ~UINT64CONST(0), ~UINT64CONST(0), ~UINT64CONST(0)
};

static inline const uint64 *
sketch_at(const void *sketches, int i, int stride)
{
	return (const uint64 *) ((const char *) sketches + (Size) i * stride);
}

/*
 * Baseline: what every CPU of the architecture has
 */

#if defined(__aarch64__)

static inline uint64x2_t
two_words(const uint64 *p, int left)
{
	return left >= 2 ? vld1q_u64(p) :
		vcombine_u64(vld1_u64(p), vcreate_u64(0));
}

/*
 * Two words at a time, and the last one, if their number is odd, with a
 * zero.  The planes' weighted counts are at most 8 * 15 in each byte.
 */
static void
sketch_sums_baseline(int n, const void *sketches, int stride, int words,
					 const uint64 *planes, int32 *sums)
{
	for (int i = 0; i < n; i++)
	{
		const uint64 *sketch = sketch_at(sketches, i, stride);
		uint16x8_t	sum = vdupq_n_u16(0);

		for (int k = 0; k < words; k += 2)
		{
			uint64x2_t	bits = two_words(sketch + k, words - k);
			uint8x16_t	bytes = vdupq_n_u8(0);

			for (int j = SKETCH_QUERY_BITS - 1; j >= 0; j--)
			{
				uint64x2_t	plane = two_words(planes + j * words + k,
											  words - k);
				uint64x2_t	differ = veorq_u64(bits, plane);

				bytes = vaddq_u8(vaddq_u8(bytes, bytes),
								 vcntq_u8(vreinterpretq_u8_u64(differ)));
			}
			sum = vpadalq_u8(sum, bytes);
		}
		sums[i] = vaddlvq_u16(sum);
	}
}

static int32
code_pair_dot_baseline(int n, const int8 *x, const int8 *y)
{
	int32x4_t	sum0 = vdupq_n_s32(0);
	int32x4_t	sum1 = vdupq_n_s32(0);

	for (int i = 0; i < n; i += 16)
	{
		int8x16_t	a = vld1q_s8(x + i);
		int8x16_t	b = vld1q_s8(y + i);

		sum0 = vpadalq_s16(sum0, vmull_s8(vget_low_s8(a), vget_low_s8(b)));
		sum1 = vpadalq_s16(sum1, vmull_high_s8(a, b));
	}
	return vaddvq_s32(vaddq_s32(sum0, sum1));
}

#else

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

#if defined(HAVE_X86_SETS)

static inline int32
sum_integers(__m128i v)
{
	v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0x4E));
	v = _mm_add_epi32(v, _mm_shuffle_epi32(v, 0xB1));
	return _mm_cvtsi128_si32(v);
}

/* Bytes 0 to 7, or 8 to 15, with their signs, as 16-bit integers */
#define LOW_WORDS(v)	_mm_srai_epi16(_mm_unpacklo_epi8(v, v), 8)
#define HIGH_WORDS(v)	_mm_srai_epi16(_mm_unpackhi_epi8(v, v), 8)

static int32
code_pair_dot_baseline(int n, const int8 *x, const int8 *y)
{
	__m128i		sum0 = _mm_setzero_si128();
	__m128i		sum1 = _mm_setzero_si128();

	for (int i = 0; i < n; i += 16)
	{
		__m128i		a = _mm_loadu_si128((const __m128i *) (x + i));
		__m128i		b = _mm_loadu_si128((const __m128i *) (y + i));

		sum0 = _mm_add_epi32(sum0, _mm_madd_epi16(LOW_WORDS(a), LOW_WORDS(b)));
		sum1 = _mm_add_epi32(sum1,
							 _mm_madd_epi16(HIGH_WORDS(a), HIGH_WORDS(b)));
	}
	return sum_integers(_mm_add_epi32(sum0, sum1));
}

#else

static int32
code_pair_dot_baseline(int n, const int8 *x, const int8 *y)
{
	int32		sum = 0;

	for (int i = 0; i < n; i++)
		sum += (int32) x[i] * y[i];
	return sum;
}

#endif							/* HAVE_X86_SETS */
#endif							/* __aarch64__ */

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

#if defined(HAVE_X86_SETS)

/*
 * AVX2 and FMA
 */
#define TARGET_AVX2	__attribute__((target("avx2,fma,popcnt")))

static TARGET_AVX2 void
sketch_sums_avx2(int n, const void *sketches, int stride, int words,
				 const uint64 *planes, int32 *sums)
{
	for (int i = 0; i < n; i++)
	{
		const uint64 *sketch = sketch_at(sketches, i, stride);
		int32		sum = 0;

		for (int k = 0; k < words; k++)
			sum += __builtin_popcountll(sketch[k] ^ planes[k]) +
				2 * __builtin_popcountll(sketch[k] ^ planes[words + k]) +
				4 * __builtin_popcountll(sketch[k] ^ planes[2 * words + k]) +
				8 * __builtin_popcountll(sketch[k] ^ planes[3 * words + k]);
		sums[i] = sum;
	}
}

/* Eight sums of two products each, of 16 bytes */
static pg_attribute_always_inline TARGET_AVX2 __m256i
sixteen_products(const int8 *x, const int8 *y)
{
	__m128i		a = _mm_loadu_si128((const __m128i *) x);
	__m128i		b = _mm_loadu_si128((const __m128i *) y);

	return _mm256_madd_epi16(_mm256_cvtepi8_epi16(a), _mm256_cvtepi8_epi16(b));
}

static TARGET_AVX2 int32
code_pair_dot_avx2(int n, const int8 *x, const int8 *y)
{
	__m256i		sum0 = _mm256_setzero_si256();
	__m256i		sum1 = _mm256_setzero_si256();
	int			i;

	for (i = 0; i + 32 <= n; i += 32)
	{
		sum0 = _mm256_add_epi32(sum0, sixteen_products(x + i, y + i));
		sum1 = _mm256_add_epi32(sum1,
								sixteen_products(x + i + 16, y + i + 16));
	}
	if (i < n)
		sum0 = _mm256_add_epi32(sum0, sixteen_products(x + i, y + i));
	sum0 = _mm256_add_epi32(sum0, sum1);
	return sum_integers(_mm_add_epi32(_mm256_castsi256_si128(sum0),
									  _mm256_extracti128_si256(sum0, 1)));
}

#define KERNEL_SET		avx2
#define KERNEL_NAME		"avx2"
#define KERNEL_TARGET	TARGET_AVX2
#define KERNEL_ISA		ISA_AVX2
#define KERNEL_LANES	8
#include "distance/distance_kernels_lanes.h"
#include "distance/distance_kernels_impl.h"

/*
 * AVX-512 as of Skylake-X.  Sketches gain nothing there over AVX2.
 */
#define TARGET_AVX512 \
	__attribute__((target("avx2,fma,popcnt,avx512f,avx512bw,avx512vl," \
						  "avx512dq")))

/* Sixteen sums of two products each, of 32 bytes */
static pg_attribute_always_inline TARGET_AVX512 __m512i
thirty_two_products(const int8 *x, const int8 *y)
{
	__m256i		a = _mm256_loadu_si256((const __m256i *) x);
	__m256i		b = _mm256_loadu_si256((const __m256i *) y);

	return _mm512_madd_epi16(_mm512_cvtepi8_epi16(a), _mm512_cvtepi8_epi16(b));
}

static TARGET_AVX512 int32
code_pair_dot_avx512(int n, const int8 *x, const int8 *y)
{
	__m512i		sum0 = _mm512_setzero_si512();
	__m512i		sum1 = _mm512_setzero_si512();
	int			i;

	for (i = 0; i + 64 <= n; i += 64)
	{
		sum0 = _mm512_add_epi32(sum0, thirty_two_products(x + i, y + i));
		sum1 = _mm512_add_epi32(sum1,
								thirty_two_products(x + i + 32, y + i + 32));
	}
	for (; i < n; i += 16)
	{
		__m256i		products = sixteen_products(x + i, y + i);

		sum0 = _mm512_add_epi32(sum0, _mm512_zextsi256_si512(products));
	}
	return _mm512_reduce_add_epi32(_mm512_add_epi32(sum0, sum1));
}

#define sketch_sums_avx512	sketch_sums_avx2

#define KERNEL_SET		avx512
#define KERNEL_NAME		"avx512"
#define KERNEL_TARGET	TARGET_AVX512
#define KERNEL_ISA		ISA_AVX512
#define KERNEL_LANES	16
#include "distance/distance_kernels_lanes.h"
#include "distance/distance_kernels_impl.h"

/*
 * AVX-512 as of Ice Lake: dot products of bytes, and population counts
 */
#define TARGET_AVX512_VNNI \
	__attribute__((target("avx2,fma,popcnt,avx512f,avx512bw,avx512vl," \
						  "avx512dq,avx512vnni,avx512vpopcntdq")))

/*
 * vpdpbusd multiplies unsigned bytes with signed ones, so we compute
 * sum (x + 128) y, and sum 128 y to subtract.  x + 128 is x with its sign
 * bit flipped.
 */
static TARGET_AVX512_VNNI int32
code_pair_dot_avx512_vnni(int n, const int8 *x, const int8 *y)
{
	const __m512i bias = _mm512_set1_epi8((char) 0x80);
	__m512i		sum0 = _mm512_setzero_si512();
	__m512i		sum1 = _mm512_setzero_si512();
	__m512i		excess0 = _mm512_setzero_si512();
	__m512i		excess1 = _mm512_setzero_si512();
	int			i;

	for (i = 0; i + 128 <= n; i += 128)
	{
		__m512i		a = _mm512_loadu_si512(x + i);
		__m512i		b = _mm512_loadu_si512(y + i);
		__m512i		c = _mm512_loadu_si512(x + i + 64);
		__m512i		d = _mm512_loadu_si512(y + i + 64);

		sum0 = _mm512_dpbusd_epi32(sum0, _mm512_xor_si512(a, bias), b);
		excess0 = _mm512_dpbusd_epi32(excess0, bias, b);
		sum1 = _mm512_dpbusd_epi32(sum1, _mm512_xor_si512(c, bias), d);
		excess1 = _mm512_dpbusd_epi32(excess1, bias, d);
	}
	for (; i < n; i += 64)
	{
		/* Bytes behind the end count as x + 128 = 128, y = 0 */
		__mmask64	mask = ~UINT64CONST(0) >> (64 - Min(n - i, 64));
		__m512i		a = _mm512_maskz_loadu_epi8(mask, x + i);
		__m512i		b = _mm512_maskz_loadu_epi8(mask, y + i);

		sum0 = _mm512_dpbusd_epi32(sum0, _mm512_xor_si512(a, bias), b);
		excess0 = _mm512_dpbusd_epi32(excess0, bias, b);
	}
	sum0 = _mm512_add_epi32(sum0, sum1);
	excess0 = _mm512_add_epi32(excess0, excess1);
	return _mm512_reduce_add_epi32(_mm512_sub_epi32(sum0, excess0));
}

/* sum_j 2^j popcount(bits XOR plane_j) of each word: at most 15 * 64 */
static pg_attribute_always_inline TARGET_AVX512_VNNI __m512i
sketch_counts(__m512i bits, const __m512i *plane)
{
	__m512i		sum = _mm512_setzero_si512();

	UNROLL
	for (int j = SKETCH_QUERY_BITS - 1; j >= 0; j--)
	{
		__m512i		differ = _mm512_xor_si512(bits, plane[j]);

		sum = _mm512_add_epi64(_mm512_add_epi64(sum, sum),
							   _mm512_popcnt_epi64(differ));
	}
	return sum;
}

/* A row: as many sketches of 1, 2 or 4 words as a register holds */
static pg_attribute_always_inline TARGET_AVX512_VNNI __m512i
sketch_row(const void *first, int stride, int words)
{
	__m512i		row = _mm512_setzero_si512();

	UNROLL
	for (int at = 0; at < 8; at += words)
	{
		const uint64 *sketch = first;
		const __m128i *two = first;
		const __m256i *four = first;
		__mmask8	mask = ((1U << words) - 1) << at;

		if (words == 1)
			row = _mm512_mask_set1_epi64(row, mask, *sketch);
		else if (words == 2)
			row = _mm512_mask_broadcast_i64x2(row, mask,
											  _mm_loadu_si128(two));
		else
			row = _mm512_mask_broadcast_i64x4(row, mask,
											  _mm256_loadu_si256(four));
		first = (const char *) first + stride;
	}
	return row;
}

/* Sixteen 16-bit sums as integers; of four rows of two there are but eight */
static pg_attribute_always_inline TARGET_AVX512_VNNI void
store_sums(int32 *sums, int count, __m256i words)
{
	__mmask16	mask = count < 16 ? (1U << count) - 1 : 0xFFFF;

	_mm512_mask_storeu_epi32(sums, mask, _mm512_cvtepu16_epi32(words));
}

/*
 * The sums of so many sketches of 1, 2 or 4 words as fill rows, four at once.
 * Returns how many these are.
 */
static pg_attribute_always_inline TARGET_AVX512_VNNI int
sketch_sums_by_row(int n, const void *sketches, int stride, int words,
				   const uint64 *planes, int32 *sums)
{
	const int	per_row = 8 / words;
	__m512i		plane[SKETCH_QUERY_BITS];
	uint16		order[32] = {0};
	int			i;

	/* a stride of 0: the same plane beside every sketch */
	for (int j = 0; j < SKETCH_QUERY_BITS; j++)
		plane[j] = sketch_row(planes + j * words, 0, words);
	for (i = 0; i < 4 * per_row; i++)
		order[i] = i % per_row * words * 4 + i / per_row;

	for (i = 0; i + 4 * per_row <= n; i += 4 * per_row)
	{
		/* 16 bits of each word for each row: at most 4 * 960 in the end */
		__m512i		counts = _mm512_setzero_si512();

		UNROLL
		for (int r = 3; r >= 0; r--)
		{
			const void *first = sketch_at(sketches, i + r * per_row, stride);
			__m512i		row = sketch_row(first, stride, words);

			counts = _mm512_or_si512(_mm512_slli_epi64(counts, 16),
									 sketch_counts(row, plane));
		}
		if (words > 1)
			counts = _mm512_add_epi64(counts,
									  _mm512_alignr_epi64(counts, counts, 1));
		if (words > 2)
			counts = _mm512_add_epi64(counts,
									  _mm512_alignr_epi64(counts, counts, 2));

		/* the first word of every sketch has its sum now */
		counts = _mm512_permutexvar_epi16(_mm512_loadu_si512(order), counts);
		store_sums(sums + i, 4 * per_row, _mm512_castsi512_si256(counts));
		if (words == 1)
			store_sums(sums + i + 16, 16,
					   _mm512_extracti64x4_epi64(counts, 1));
	}
	return i;
}

/* Those of a sketch alone in a register */
static pg_attribute_always_inline TARGET_AVX512_VNNI __m512i
sketch_counts_of(const void *sketches, int i, int stride, __mmask8 mask,
				 const __m512i *plane)
{
	const uint64 *sketch = sketch_at(sketches, i, stride);

	return sketch_counts(_mm512_maskz_loadu_epi64(mask, sketch), plane);
}

/* Counts of four sketches, side by side: at most 8 * 960 each in 16 bits */
static pg_attribute_always_inline TARGET_AVX512_VNNI __m512i
sketch_counts_four(const void *first, int stride, __mmask8 mask,
				   const __m512i *plane)
{
	__m512i		a = sketch_counts_of(first, 0, stride, mask, plane);
	__m512i		b = sketch_counts_of(first, 1, stride, mask, plane);
	__m512i		c = sketch_counts_of(first, 2, stride, mask, plane);
	__m512i		d = sketch_counts_of(first, 3, stride, mask, plane);

	a = _mm512_or_si512(a, _mm512_slli_epi64(b, 16));
	c = _mm512_or_si512(c, _mm512_slli_epi64(d, 16));
	return _mm512_or_si512(a, _mm512_slli_epi64(c, 32));
}

static pg_attribute_always_inline TARGET_AVX512_VNNI __m256i
add_halves(__m512i v)
{
	return _mm256_add_epi64(_mm512_castsi512_si256(v),
							_mm512_extracti64x4_epi64(v, 1));
}

/*
 * The words that a mask leaves out count nothing: both the sketch and the
 * planes are 0 there.
 */
static TARGET_AVX512_VNNI void
sketch_sums_avx512_vnni(int n, const void *sketches, int stride, int words,
						const uint64 *planes, int32 *sums)
{
	__mmask8	mask = (1U << words) - 1;
	__m512i		plane[SKETCH_QUERY_BITS];
	int			i = 0;

	if (words == 1)
		i = sketch_sums_by_row(n, sketches, stride, 1, planes, sums);
	else if (words == 2)
		i = sketch_sums_by_row(n, sketches, stride, 2, planes, sums);
	else if (words == 4)
		i = sketch_sums_by_row(n, sketches, stride, 4, planes, sums);

	for (int j = 0; j < SKETCH_QUERY_BITS; j++)
		plane[j] = _mm512_maskz_loadu_epi64(mask, planes + j * words);

	for (; i + 8 <= n; i += 8)
	{
		/* Eight lanes of four sums, twice; then add the lanes up */
		const uint64 *first = sketch_at(sketches, i, stride);
		const uint64 *fifth = sketch_at(sketches, i + 4, stride);
		__m256i		x = add_halves(sketch_counts_four(first, stride, mask,
													  plane));
		__m256i		y = add_halves(sketch_counts_four(fifth, stride, mask,
													  plane));
		__m256i		pairs = _mm256_add_epi64(_mm256_unpacklo_epi64(x, y),
											 _mm256_unpackhi_epi64(x, y));
		__m128i		eight = _mm_add_epi64(_mm256_castsi256_si128(pairs),
										  _mm256_extracti128_si256(pairs, 1));

		_mm256_storeu_si256((__m256i *) (sums + i),
							_mm256_cvtepu16_epi32(eight));
	}
	for (; i < n; i++)
		sums[i] = (int32)
			_mm512_reduce_add_epi64(sketch_counts_of(sketches, i, stride,
													 mask, plane));
}

#endif							/* HAVE_X86_SETS */

/*
 * The choice
 */

const DistanceKernels *distance_kernels = &kernels_baseline;

/* The sets this CPU can run, from the oldest to the newest, and NULL */
static const DistanceKernels *available[5] = {&kernels_baseline};

#if defined(HAVE_X86_SETS)

static DistanceKernels kernels_avx512_vnni;

/*
 * __builtin_cpu_supports() knows what the operating system saves on a
 * context switch, too.  Returns the number of sets found.
 */
static int
find_x86_sets(const DistanceKernels **sets)
{
	int			count = 0;

	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
		!__builtin_cpu_supports("popcnt"))
		return count;
	sets[count++] = &kernels_avx2;

	if (!__builtin_cpu_supports("avx512f") ||
		!__builtin_cpu_supports("avx512bw") ||
		!__builtin_cpu_supports("avx512vl") ||
		!__builtin_cpu_supports("avx512dq"))
		return count;
	sets[count++] = &kernels_avx512;

	if (!__builtin_cpu_supports("avx512vnni") ||
		!__builtin_cpu_supports("avx512vpopcntdq"))
		return count;
	kernels_avx512_vnni = kernels_avx512;
	kernels_avx512_vnni.name = "avx512_vnni";
	kernels_avx512_vnni.code_pair_dot = code_pair_dot_avx512_vnni;
	kernels_avx512_vnni.sketch_sums = sketch_sums_avx512_vnni;
	sets[count++] = &kernels_avx512_vnni;
	return count;
}

#endif							/* HAVE_X86_SETS */

void
distance_init(void)
{
	int			count = 1;

#if defined(HAVE_X86_SETS)
	count += find_x86_sets(available + 1);
#endif
	available[count] = NULL;
	distance_kernels = available[count - 1];
}

/* Leaves the choice alone, once made */
const DistanceKernels *const *
distance_available(void)
{
	const DistanceKernels *chosen = distance_kernels;

	distance_init();
	distance_kernels = chosen;
	return available;
}
