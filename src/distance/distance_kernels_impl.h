/*-------------------------------------------------------------------------
 *
 * distance_kernels_impl.h
 *	  The kernels' bodies: one each, compiled once per kernel set.
 *
 * Included after distance_kernels_lanes.h, under the same macros.  The
 * bodies use GCC's vector extensions: arithmetic on a vector type compiles
 * to the instructions that KERNEL_TARGET allows.
 *
 * Sums run over four vectors of partial sums, so that the latency of an
 * addition is hidden; what remains of the length goes vector by vector into
 * the first of them, and the last, incomplete vector is padded with zeros,
 * which add nothing to any of our sums.  A term thus passes through at most
 * three roundings of its own, n / (4 * KERNEL_LANES) + 4 of its partial sum
 * and 2 + log2(KERNEL_LANES) final ones: within DISTANCE_SUM_ERROR.
 *
 *-------------------------------------------------------------------------
 */

/*
 * Sums of terms
 */

/* The terms of `count` elements from the i'th, zeros in the other lanes */
KERNEL_INLINE VecF
vec_term(KernelTerm term, const KernelOperands *op, int i, int count)
{
	VecF		x = vec_load_some(op->x + i, count);
	VecF		y;

	if (term == TERM_DOT || term == TERM_L2 || term == TERM_L1)
		y = vec_load_some(op->y + i, count);
	else
		y = vec_load_code(op->code + i);

	if (term == TERM_CODE_L1_REFINED)
		y += vec_load_code(op->refine + i) * (1.0f / 256.0f);
	if (term == TERM_CODE_L1 || term == TERM_CODE_L1_REFINED)
		y *= op->scale;

	if (term == TERM_DOT || term == TERM_CODE_DOT)
		return x * y;
	if (term == TERM_L2)
		return (x - y) * (x - y);
	return vec_abs(x - y);
}

/* What partial sums for 16 elements add up to */
KERNEL_INLINE VecF
vec_total(const VecF *sum)
{
#if KERNEL_LANES == 4
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
#elif KERNEL_LANES == 8
	return sum[0] + sum[1];
#else
	return sum[0];
#endif
}

/* The sum over n terms; the length of codes is a multiple of 16 */
KERNEL_INLINE float
vec_sum_terms(KernelTerm term, int n, const KernelOperands *op)
{
	const int	lanes = KERNEL_LANES;
	VecF		sum0 = {0};
	VecF		sum1 = {0};
	VecF		sum2 = {0};
	VecF		sum3 = {0};
	int			i;

	for (i = 0; i + 4 * lanes <= n; i += 4 * lanes)
	{
		sum0 += vec_term(term, op, i, lanes);
		sum1 += vec_term(term, op, i + lanes, lanes);
		sum2 += vec_term(term, op, i + 2 * lanes, lanes);
		sum3 += vec_term(term, op, i + 3 * lanes, lanes);
	}
	for (; i + lanes <= n; i += lanes)
		sum0 += vec_term(term, op, i, lanes);
	if (i < n && (term == TERM_DOT || term == TERM_L2 || term == TERM_L1))
		sum1 += vec_term(term, op, i, n - i);

	return vec_sum((sum0 + sum1) + (sum2 + sum3));
}

static KERNEL_TARGET float
KERNEL(l2_squared) (int n, const float *x, const float *y)
{
	KernelOperands op = {.x = x,.y = y};

	return vec_sum_terms(TERM_L2, n, &op);
}

static KERNEL_TARGET float
KERNEL(inner_product) (int n, const float *x, const float *y)
{
	KernelOperands op = {.x = x,.y = y};

	return vec_sum_terms(TERM_DOT, n, &op);
}

static KERNEL_TARGET float
KERNEL(l1) (int n, const float *x, const float *y)
{
	KernelOperands op = {.x = x,.y = y};

	return vec_sum_terms(TERM_L1, n, &op);
}

static KERNEL_TARGET float
KERNEL(code_dot) (int n, const float *q, const int8 *c)
{
	KernelOperands op = {.x = q,.code = c};

	return vec_sum_terms(TERM_CODE_DOT, n, &op);
}

static KERNEL_TARGET float
KERNEL(code_l1) (int n, const float *q, const int8 *c, float scale)
{
	KernelOperands op = {.x = q,.code = c,.scale = scale};

	return vec_sum_terms(TERM_CODE_L1, n, &op);
}

static KERNEL_TARGET float
KERNEL(code_l1_refined) (int n, const float *q, const int8 *c,
						 const int8 *l, float scale)
{
	KernelOperands op = {.x = q,.code = c,.refine = l,.scale = scale};

	return vec_sum_terms(TERM_CODE_L1_REFINED, n, &op);
}

static KERNEL_TARGET float
KERNEL(code_pair_l1) (int n, const int8 *x, float sx,
					  const int8 *y, float sy)
{
	VecF		sum[16 / KERNEL_LANES] = {{0}};

	for (int i = 0; i < n; i += 16)
	{
		UNROLL
		for (int k = 0; k < 16; k += KERNEL_LANES)
			sum[k / KERNEL_LANES] +=
				vec_abs(vec_load_code(x + i + k) * sx -
						vec_load_code(y + i + k) * sy);
	}
	return vec_sum(vec_total(sum));
}

KERNEL_INLINE void
vec_add_products(VecF x, VecF y, VecF *xy, VecF *xx, VecF *yy)
{
	*xy += x * y;
	*xx += x * x;
	*yy += y * y;
}

static KERNEL_TARGET void
KERNEL(cosine_sums) (int n, const float *x, const float *y, float *sums)
{
	const int	lanes = KERNEL_LANES;
	VecF		xy[4] = {{0}};
	VecF		xx[4] = {{0}};
	VecF		yy[4] = {{0}};
	int			i;

	for (i = 0; i + 4 * lanes <= n; i += 4 * lanes)
	{
		UNROLL
		for (int k = 0; k < 4; k++)
			vec_add_products(vec_load(x + i + k * lanes),
							 vec_load(y + i + k * lanes),
							 &xy[k], &xx[k], &yy[k]);
	}
	for (; i + lanes <= n; i += lanes)
		vec_add_products(vec_load(x + i), vec_load(y + i),
						 &xy[0], &xx[0], &yy[0]);
	if (i < n)
		vec_add_products(vec_load_some(x + i, n - i),
						 vec_load_some(y + i, n - i),
						 &xy[1], &xx[1], &yy[1]);
	sums[0] = vec_sum((xy[0] + xy[1]) + (xy[2] + xy[3]));
	sums[1] = vec_sum((xx[0] + xx[1]) + (xx[2] + xx[3]));
	sums[2] = vec_sum((yy[0] + yy[1]) + (yy[2] + yy[3]));
}

/* Sum of squares, in double */
static KERNEL_TARGET double
KERNEL(sum_squares) (int n, const float *x)
{
	const int	lanes = KERNEL_LANES / 2;
	VecD		sum[4] = {{0}};
	double		total = 0;
	int			i;

	for (i = 0; i + 4 * lanes <= n; i += 4 * lanes)
	{
		UNROLL
		for (int k = 0; k < 4; k++)
		{
			VecD		v = vec_load_doubles(x + i + k * lanes);

			sum[k] += v * v;
		}
	}
	for (; i < n; i++)
		total += (double) x[i] * x[i];
	sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
	for (i = 0; i < lanes; i++)
		total += sum[0][i];
	return total;
}

/*
 * Sketches
 */

/* The sum of those coordinates whose bit is set: |sum| <= 64 * 128 a word */
KERNEL_INLINE int32
vec_sum_selected(int words, const uint64 *sketch, const int8 *code)
{
	const int	bytes = 4 * KERNEL_LANES;
	VecW		sum = {0};

	for (int k = 0; k < words; k++)
	{
		UNROLL
		for (int i = 0; i < 64; i += bytes)
			sum += vec_pair_sums(vec_select_bytes(code + 64 * k + i,
												  sketch[k] >> i));
	}
	return vec_sum_words(sum);
}

/* Those whose bit is set, less the others: twice those, less all */
static KERNEL_TARGET void
KERNEL(sketch_code_sums) (int n, const void *sketches, int stride, int words,
						  const int8 *code, int32 *sums)
{
	int32		all = vec_sum_selected(words, all_bits, code);

	for (int i = 0; i < n; i++)
		sums[i] = 2 * vec_sum_selected(words, sketch_at(sketches, i, stride),
									   code) - all;
}

/* See EdgeScale.  Infinity less infinity: too far to say. */
static KERNEL_TARGET void
KERNEL(edge_values) (int n, const uint32 *headers, const int32 *sums,
					 const EdgeScale *scale, float *values)
{
	for (int i = 0; i < n; i += KERNEL_LANES)
	{
		VecU		header;
		VecI		sum;
		VecF		value;
		VecI		number;

		memcpy(&header, headers + i, sizeof(header));
		memcpy(&sum, sums + i, sizeof(sum));
		value = __builtin_convertvector(scale->zero - sum, VecF);
		value = (VecF) (header & 0xFFFF0000) * (value * scale->step) +
			((VecF) (header << 16) + scale->own);
		number = value == value;
		vec_store(values + i, (VecF) (((VecI) value & number) |
									  (0x7F800000 & ~number)));
	}
}

static KERNEL_TARGET void
KERNEL(edge_sums) (int n, int words, const float *v, const float *y,
				   uint64 *sketch, EdgeSums *sums)
{
	VecF		length[2] = {{0}};
	VecF		absolute[2] = {{0}};
	VecF		signed_v[2] = {{0}};
	VecF		product[2] = {{0}};

	for (int i = 0; i < 64 * words; i += 64)
	{
		uint64		bits = 0;

		UNROLL
		for (int k = 0; k < 64; k += KERNEL_LANES)
		{
			int			chain = k / KERNEL_LANES % 2;
			VecF		a = vec_load(v + i + k);
			VecF		r = vec_load(y + i + k) - a;

			bits |= (uint64) vec_sign_bits(~(VecI) r) << k;
			length[chain] += r * r;
			absolute[chain] += vec_abs(r);
			signed_v[chain] += (VecF) ((VecI) a ^ ((VecI) r & PG_INT32_MIN));
			product[chain] += a * r;
		}
		*sketch++ = bits;
	}
	for (int i = 64 * words; i < n; i += KERNEL_LANES)
	{
		VecF		a = vec_load(v + i);
		VecF		r = vec_load(y + i) - a;

		length[0] += r * r;
		product[0] += a * r;
	}
	sums->length2 = vec_sum(length[0] + length[1]);
	sums->absolute = vec_sum(absolute[0] + absolute[1]);
	sums->signed_v = vec_sum(signed_v[0] + signed_v[1]);
	sums->product = vec_sum(product[0] + product[1]);
}

/*
 * Rounding is randomised by a hash of the coordinate's number: over the
 * coordinates, and the sketches it is compared with, its error averages out.
 */
static KERNEL_TARGET void
KERNEL(query_planes) (int words, const float *q, float inverse_step,
					  uint64 *planes)
{
	const VecU	lanes = {LANE_LIST(LANE_NUMBER)};

	for (int k = 0; k < words; k++)
	{
		uint64		bits[SKETCH_QUERY_BITS] = {0};

		for (int i = 0; i < 64; i += KERNEL_LANES)
		{
			VecU		hash = (lanes + (uint32) (64 * k + i)) * 0x9E3779B1U;
			VecF		level;
			VecI		number;

			hash = (hash ^ (hash >> 15)) * 0x85EBCA77U;
			hash = (hash ^ (hash >> 13)) >> 8;
			level = vec_load(q + 64 * k + i) * inverse_step +
				(__builtin_convertvector((VecI) hash, VecF) *
				 (1.0f / 16777216.0f) + 7.5f);
			number = __builtin_convertvector(level, VecI);
			number = vec_clamp(number, 15);
			UNROLL
			for (int j = 0; j < SKETCH_QUERY_BITS; j++)
				bits[j] |= (uint64) vec_sign_bits(number << (31 - j)) << i;
		}
		for (int j = 0; j < SKETCH_QUERY_BITS; j++)
			planes[j * words + k] = bits[j];
	}
}

/*
 * Encoding
 */

static KERNEL_TARGET float
KERNEL(peak) (int n, const float *x)
{
	VecF		most = {0};
	float		peak = 0;

	for (int i = 0; i < n; i += KERNEL_LANES)
		most = vec_max(most, vec_abs(vec_load(x + i)));
	for (int i = 0; i < KERNEL_LANES; i++)
		peak = most[i] > peak ? most[i] : peak;
	return peak;
}

static KERNEL_TARGET void
KERNEL(multiply) (int n, float *x, float factor)
{
	for (int i = 0; i < n; i += KERNEL_LANES)
		vec_store(x + i, vec_load(x + i) * factor);
}

static KERNEL_TARGET void
KERNEL(decode) (int n, const int8 *code, float scale, float *out)
{
	for (int i = 0; i < n; i += KERNEL_LANES)
		vec_store(out + i, vec_load_code(code + i) * scale);
}

/*
 * Store the integers next to `limited`, and return what t has beyond them.
 *
 * Adding 1.5 * 2^23 to a number below 2^22 leaves no bits for a fraction:
 * the addition rounds it to an integer, which then is the sum's mantissa.
 */
KERNEL_INLINE VecF
vec_quantize(VecF t, VecF limited, int8 *out)
{
	VecF		rounded = limited + 12582912.0f;

	vec_store_code(out, (VecI) rounded - 0x4B400000);
	return t - (rounded - 12582912.0f);
}

static KERNEL_TARGET void
KERNEL(quantize) (int n, const float *x, float inverse_scale,
				  int8 *code, int8 *refine, CodeErrors *errors)
{
	VecF		squares[16 / KERNEL_LANES] = {{0}};
	VecF		absolutes[16 / KERNEL_LANES] = {{0}};
	VecF		fine_squares[16 / KERNEL_LANES] = {{0}};
	VecF		fine_absolutes[16 / KERNEL_LANES] = {{0}};

	for (int i = 0; i < n; i += 16)
	{
		UNROLL
		for (int k = 0; k < 16 / KERNEL_LANES; k++)
		{
			int			at = i + k * KERNEL_LANES;
			VecF		rest = vec_load(x + at) * inverse_scale;

			rest = vec_quantize(rest, rest, code + at);
			squares[k] += rest * rest;
			absolutes[k] += vec_abs(rest);

			rest *= 256.0f;
			rest = vec_quantize(rest, vec_min(rest, (VecF) {0} + 127.0f),
								refine + at);
			fine_squares[k] += rest * rest;
			fine_absolutes[k] += vec_abs(rest);
		}
	}
	errors->squares = vec_sum(vec_total(squares));
	errors->absolutes = vec_sum(vec_total(absolutes));
	errors->fine_squares = vec_sum(vec_total(fine_squares));
	errors->fine_absolutes = vec_sum(vec_total(fine_absolutes));
}

/*
 * Rotation
 */

static KERNEL_TARGET void
KERNEL(flip_signs) (int n, float *x, const uint32 *signs)
{
	for (int i = 0; i < n; i += KERNEL_LANES)
		vec_store(x + i, (VecF) ((VecI) vec_load(x + i) ^
								 (VecI) vec_load((const float *) signs + i)));
}

static KERNEL_TARGET void
KERNEL(butterfly) (int n, float *x, float *y, float scale)
{
	int			i;

	for (i = 0; i + KERNEL_LANES <= n; i += KERNEL_LANES)
	{
		VecF		a = vec_load(x + i);
		VecF		b = vec_load(y + i);

		vec_store(x + i, (a + b) * scale);
		vec_store(y + i, (a - b) * scale);
	}
	for (; i < n; i++)
	{
		float		a = x[i];
		float		b = y[i];

		x[i] = (a + b) * scale;
		y[i] = (a - b) * scale;
	}
}

/* Two levels of the transform on vectors `step` floats apart */
KERNEL_INLINE void
vec_hadamard_four(float *x, int step, const VecF *v)
{
	VecF		sum01 = v[0] + v[1];
	VecF		difference01 = v[0] - v[1];
	VecF		sum23 = v[2] + v[3];
	VecF		difference23 = v[2] - v[3];

	vec_store(x, sum01 + sum23);
	vec_store(x + step, difference01 + difference23);
	vec_store(x + 2 * step, sum01 - sum23);
	vec_store(x + 3 * step, difference01 - difference23);
}

static KERNEL_TARGET void
KERNEL(hadamard) (int n, float *x, float scale)
{
	int			step = KERNEL_LANES;

	/* Within the vectors, and between groups of four */
	for (int i = 0; i < n; i += 4 * step)
	{
		VecF		v[4];

		UNROLL
		for (int k = 0; k < 4; k++)
			v[k] = vec_hadamard(vec_load(x + i + k * step) * scale);
		vec_hadamard_four(x + i, step, v);
	}

	/* Two levels at a time */
	for (step *= 4; step * 4 <= n; step *= 4)
	{
		for (int i = 0; i < n; i += 4 * step)
		{
			for (int j = i; j < i + step; j += KERNEL_LANES)
			{
				VecF		v[4];

				UNROLL
				for (int k = 0; k < 4; k++)
					v[k] = vec_load(x + j + k * step);
				vec_hadamard_four(x + j, step, v);
			}
		}
	}

	/* The last one, if their number is odd */
	if (step < n)
		KERNEL(butterfly) (step, x, x + step, 1.0f);
}

/*
 * The kernels of a set, in the order of DistanceKernels.  code_pair_dot and
 * sketch_sums come from distance_kernels.c.
 */
static const DistanceKernels KERNEL(kernels) = {
	.name = KERNEL_NAME,
	.l2_squared = KERNEL(l2_squared),
	.inner_product = KERNEL(inner_product),
	.l1 = KERNEL(l1),
	.cosine_sums = KERNEL(cosine_sums),
	.code_dot = KERNEL(code_dot),
	.code_l1 = KERNEL(code_l1),
	.code_l1_refined = KERNEL(code_l1_refined),
	.code_pair_dot = KERNEL(code_pair_dot),
	.code_pair_l1 = KERNEL(code_pair_l1),
	.sketch_sums = KERNEL(sketch_sums),
	.sketch_code_sums = KERNEL(sketch_code_sums),
	.edge_values = KERNEL(edge_values),
	.sum_squares = KERNEL(sum_squares),
	.edge_sums = KERNEL(edge_sums),
	.query_planes = KERNEL(query_planes),
	.peak = KERNEL(peak),
	.multiply = KERNEL(multiply),
	.decode = KERNEL(decode),
	.quantize = KERNEL(quantize),
	.flip_signs = KERNEL(flip_signs),
	.butterfly = KERNEL(butterfly),
	.hadamard = KERNEL(hadamard)
};

#undef LANE_LIST
#undef KERNEL_SET
#undef KERNEL_NAME
#undef KERNEL_ISA
#undef KERNEL_LANES
#undef KERNEL_TARGET
