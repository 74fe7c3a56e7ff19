/*-------------------------------------------------------------------------
 *
 * distance_kernels_lanes.h
 *	  The few steps that differ between instruction sets.
 *
 * Included once per kernel set, before distance_kernels_impl.h, with
 *
 *	  KERNEL_SET	suffix of this set's names
 *	  KERNEL_ISA	one of the ISA_ numbers: what the intrinsics may use
 *	  KERNEL_LANES	floats in a vector: 4, 8 or 16
 *	  KERNEL_TARGET	the function attribute that allows these instructions
 *
 * defined.  Everything that GCC's vector extensions compile well is written
 * with them, in distance_kernels_impl.h; what they do not (conversions to
 * and from bytes, partial loads, sums over lanes, sign masks) is here.
 *
 *-------------------------------------------------------------------------
 */

typedef float VecF __attribute__((vector_size(KERNEL_LANES * 4)));
typedef int32 VecI __attribute__((vector_size(KERNEL_LANES * 4)));
typedef uint32 VecU __attribute__((vector_size(KERNEL_LANES * 4)));
typedef double VecD __attribute__((vector_size(KERNEL_LANES * 4)));

/* As many bytes as fit, and as many 16-bit integers */
typedef int8 VecB __attribute__((vector_size(KERNEL_LANES * 4)));
typedef int16 VecW __attribute__((vector_size(KERNEL_LANES * 4)));

/* Half as many floats: as many as there are doubles in a VecD */
typedef float VecH __attribute__((vector_size(KERNEL_LANES * 2)));

/* An initializer for a vector: f(0), f(1) ... f(KERNEL_LANES - 1) */
#if KERNEL_LANES == 4
#define LANE_LIST(f) f(0), f(1), f(2), f(3)
#elif KERNEL_LANES == 8
#define LANE_LIST(f) f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7)
#else
#define LANE_LIST(f) f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), \
	f(8), f(9), f(10), f(11), f(12), f(13), f(14), f(15)
#endif

KERNEL_INLINE VecF
vec_load(const float *p)
{
	VecF		v;

	memcpy(&v, p, sizeof(v));
	return v;
}

KERNEL_INLINE void
vec_store(float *p, VecF v)
{
	memcpy(p, &v, sizeof(v));
}

/* Half a vector's floats as doubles */
KERNEL_INLINE VecD
vec_load_doubles(const float *p)
{
	VecH		half;

	memcpy(&half, p, sizeof(half));
	return __builtin_convertvector(half, VecD);
}

/* The first `count` floats (fewer than KERNEL_LANES) and zeros; no overread */
KERNEL_INLINE VecF
vec_load_tail(const float *p, int count)
{
#if KERNEL_ISA == ISA_AVX512
	return (VecF) _mm512_maskz_loadu_ps((__mmask16) ((1u << count) - 1), p);
#elif KERNEL_ISA == ISA_AVX2
	const VecI	lanes = {LANE_LIST(LANE_NUMBER)};

	return (VecF) _mm256_maskload_ps(p, (__m256i) (lanes < count));
#else
	VecF		v = {0};

	for (int i = 0; i < count; i++)
		v[i] = p[i];
	return v;
#endif
}

/* Any number of floats up to KERNEL_LANES, which costs nothing if constant */
KERNEL_INLINE VecF
vec_load_some(const float *p, int count)
{
	return count == KERNEL_LANES ? vec_load(p) : vec_load_tail(p, count);
}

KERNEL_INLINE VecF
vec_abs(VecF v)
{
	return (VecF) ((VecI) v & PG_INT32_MAX);
}

KERNEL_INLINE VecF
vec_max(VecF a, VecF b)
{
	VecI		greater = a > b;

	return (VecF) (((VecI) a & greater) | ((VecI) b & ~greater));
}

KERNEL_INLINE VecF
vec_min(VecF a, VecF b)
{
	VecI		less = a < b;

	return (VecF) (((VecI) a & less) | ((VecI) b & ~less));
}

/* Every lane brought into 0 .. most */
KERNEL_INLINE VecI
vec_clamp(VecI v, int32 most)
{
	VecI		above;

	v &= v > 0;
	above = v > most;
	return (v & ~above) | (most & above);
}

/*
 * The Hadamard transform of the lanes: each level adds to a lane the one
 * `distance` away, or subtracts the lane from that one.
 */
KERNEL_INLINE VecF
vec_hadamard(VecF v)
{
	v = VEC_SHUFFLE(v, LANE_LIST(LANE_XOR1)) +
		v * (VecF) {LANE_LIST(LANE_SIGN1)};
	v = VEC_SHUFFLE(v, LANE_LIST(LANE_XOR2)) +
		v * (VecF) {LANE_LIST(LANE_SIGN2)};
#if KERNEL_LANES >= 8
	v = VEC_SHUFFLE(v, LANE_LIST(LANE_XOR4)) +
		v * (VecF) {LANE_LIST(LANE_SIGN4)};
#endif
#if KERNEL_LANES >= 16
	v = VEC_SHUFFLE(v, LANE_LIST(LANE_XOR8)) +
		v * (VecF) {LANE_LIST(LANE_SIGN8)};
#endif
	return v;
}

/* KERNEL_LANES bytes as floats */
KERNEL_INLINE VecF
vec_load_code(const int8 *p)
{
#if KERNEL_ISA == ISA_AVX512
	__m128i		bytes = _mm_loadu_si128((const __m128i *) p);

	return (VecF) _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
#elif KERNEL_ISA == ISA_AVX2
	__m128i		bytes = _mm_loadl_epi64((const __m128i *) p);

	return (VecF) _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
#elif KERNEL_ISA == ISA_SSE2
	int32		four;
	__m128i		bytes;

	/* Each byte four times over: the topmost, shifted down, is the number */
	memcpy(&four, p, sizeof(four));
	bytes = _mm_cvtsi32_si128(four);
	bytes = _mm_unpacklo_epi8(bytes, bytes);
	bytes = _mm_unpacklo_epi16(bytes, bytes);
	return (VecF) _mm_cvtepi32_ps(_mm_srai_epi32(bytes, 24));
#else
	typedef int8 Bytes __attribute__((vector_size(KERNEL_LANES)));
	Bytes		bytes;

	memcpy(&bytes, p, sizeof(bytes));
	return __builtin_convertvector(bytes, VecF);
#endif
}

/* Store integers in -128 .. 127 as bytes */
KERNEL_INLINE void
vec_store_code(int8 *p, VecI v)
{
#if KERNEL_ISA == ISA_AVX512
	_mm_storeu_si128((__m128i *) p, _mm512_cvtepi32_epi8((__m512i) v));
#elif KERNEL_ISA == ISA_AVX2
	__m128i		low = _mm256_castsi256_si128((__m256i) v);
	__m128i		high = _mm256_extracti128_si256((__m256i) v, 1);
	__m128i		words = _mm_packs_epi32(low, high);

	_mm_storel_epi64((__m128i *) p, _mm_packs_epi16(words, words));
#elif KERNEL_ISA == ISA_SSE2
	__m128i		words = _mm_packs_epi32((__m128i) v, (__m128i) v);
	int32		four = _mm_cvtsi128_si32(_mm_packs_epi16(words, words));

	memcpy(p, &four, sizeof(four));
#else
	typedef int8 Bytes __attribute__((vector_size(KERNEL_LANES)));
	Bytes		bytes = __builtin_convertvector(v, Bytes);

	memcpy(p, &bytes, sizeof(bytes));
#endif
}

/* Sum over the lanes, pairwise: log2(KERNEL_LANES) roundings */
KERNEL_INLINE float
vec_sum(VecF v)
{
#if KERNEL_ISA == ISA_AVX512
	return _mm512_reduce_add_ps((__m512) v);
#elif KERNEL_ISA == ISA_AVX2 || KERNEL_ISA == ISA_SSE2
#if KERNEL_ISA == ISA_AVX2
	__m128		quad = _mm_add_ps(_mm256_castps256_ps128((__m256) v),
								  _mm256_extractf128_ps((__m256) v, 1));
#else
	__m128		quad = (__m128) v;
#endif
	quad = _mm_add_ps(quad, _mm_movehl_ps(quad, quad));
	quad = _mm_add_ss(quad, _mm_shuffle_ps(quad, quad, 1));
	return _mm_cvtss_f32(quad);
#else
	/* Only the x86-64 sets have longer vectors */
	return (v[0] + v[2]) + (v[1] + v[3]);
#endif
}

/* Bit i: the sign bit of lane i */
KERNEL_INLINE uint32
vec_sign_bits(VecI v)
{
#if KERNEL_ISA == ISA_AVX512
	return _mm512_movepi32_mask((__m512i) v);
#elif KERNEL_ISA == ISA_AVX2
	return _mm256_movemask_ps((__m256) v);
#elif KERNEL_ISA == ISA_SSE2
	return _mm_movemask_ps((__m128) v);
#else
	const VecI	bits = {1, 2, 4, 8};

	v = (v < 0) & bits;
	return (v[0] | v[1]) | (v[2] | v[3]);
#endif
}

/* The bytes at p whose bit is set, one for each byte from bit 0 on; else 0 */
KERNEL_INLINE VecB
vec_select_bytes(const int8 *p, uint64 bits)
{
#if KERNEL_ISA == ISA_AVX512
	return (VecB) _mm512_maskz_loadu_epi8(bits, p);
#elif KERNEL_ISA == ISA_AVX2
	const __m256i byte_of_lane = _mm256_setr_epi64x(0, 0x0101010101010101,
													0x0202020202020202,
													0x0303030303030303);
	const __m256i bit_of_lane = _mm256_set1_epi64x(0x8040201008040201);
	__m256i		lanes = _mm256_shuffle_epi8(_mm256_set1_epi32((int) bits),
											byte_of_lane);

	lanes = _mm256_cmpeq_epi8(_mm256_and_si256(lanes, bit_of_lane),
							  bit_of_lane);
	return (VecB) _mm256_and_si256(lanes,
								   _mm256_loadu_si256((const __m256i *) p));
#else
	typedef uint64 Pair __attribute__((vector_size(16)));
	const VecB	bit_of_lane = {1, 2, 4, 8, 16, 32, 64, -128,
	1, 2, 4, 8, 16, 32, 64, -128};
	Pair		lanes = {(bits & 0xFF) * UINT64CONST(0x0101010101010101),
	(bits >> 8 & 0xFF) * UINT64CONST(0x0101010101010101)};
	VecB		v;

	memcpy(&v, p, sizeof(v));
	return v & (((VecB) lanes & bit_of_lane) != 0);
#endif
}

/* Sums of two neighboring bytes each */
KERNEL_INLINE VecW
vec_pair_sums(VecB v)
{
#if KERNEL_ISA == ISA_AVX512
	return (VecW) _mm512_maddubs_epi16(_mm512_set1_epi8(1), (__m512i) v);
#elif KERNEL_ISA == ISA_AVX2
	return (VecW) _mm256_maddubs_epi16(_mm256_set1_epi8(1), (__m256i) v);
#else
	typedef uint16 VecUW __attribute__((vector_size(KERNEL_LANES * 4)));

	/* one byte is the upper half of its word, the other is moved there */
	return ((VecW) v >> 8) + ((VecW) ((VecUW) v << 8) >> 8);
#endif
}

/* Sum over the words */
KERNEL_INLINE int32
vec_sum_words(VecW v)
{
#if KERNEL_ISA == ISA_AVX512
	return _mm512_reduce_add_epi32(_mm512_madd_epi16((__m512i) v,
													 _mm512_set1_epi16(1)));
#elif KERNEL_ISA == ISA_AVX2
	__m256i		sums = _mm256_madd_epi16((__m256i) v, _mm256_set1_epi16(1));

	return sum_integers(_mm_add_epi32(_mm256_castsi256_si128(sums),
									  _mm256_extracti128_si256(sums, 1)));
#elif KERNEL_ISA == ISA_SSE2
	return sum_integers(_mm_madd_epi16((__m128i) v, _mm_set1_epi16(1)));
#else
	int32		sum = 0;

	for (int i = 0; i < 2 * KERNEL_LANES; i++)
		sum += v[i];
	return sum;
#endif
}
