/*-------------------------------------------------------------------------
 *
 * test_distance.c
 *	  Tests of the distance kernels.
 *
 * A plain program; unit.mk builds it.
 *
 * Each kernel of each set that this CPU can run is compared with a reference
 * in double and with the baseline set, for every length up to 130 and some
 * longer ones, with operands that end where nothing may be read any more.
 * --bench prints the time each kernel takes instead.
 *
 *-------------------------------------------------------------------------
 */
#include "test_distance.h"

#include <time.h>

#define MAX_LENGTH		2048
#define MAX_SKETCHES	70

/* Operands; the arrays in use end where these do */
static float *x_end;
static float *y_end;
static int8 *c_end;
static int8 *l_end;
static char *sketches_end;
static uint64 *planes_end;

/* Is a float sum of n terms as near the exact one as promised? */
static bool
near(const char *kernel, int n, double result, double exact, double absolute)
{
	double		allowed = DISTANCE_SUM_ERROR(n) * absolute + FLT_MIN;

	return check(fabs(result - exact) <= allowed,
				 "%s(%d): %.9g, should be %.9g +- %.3g",
				 kernel, n, result, exact, allowed);
}

/* Lengths to try: 1 to 130, then the neighborhood of multiples of 64 */
static int
next_length(int n)
{
	if (n <= 130)
		return n + 1;
	switch (n % 64)
	{
		case 63:
			return n + 1;
		case 0:
			return n + 1;
		default:
			return n + 63 - n % 64;
	}
}

static void
fill_floats(float *end, int n)
{
	for (int i = 1; i <= n; i++)
		end[-i] = (float) (random_normal() * exp(2 * random_normal()));
}

static void
fill_codes(int8 *end, int n)
{
	int			kind = random_int(3);

	for (int i = 1; i <= n; i++)
		end[-i] = kind == 0 ? -128 : kind == 1 ? 127 : random_int(256) - 128;
}

static bool
float_kernels_right(const DistanceKernels *k, int n)
{
	const float *x = x_end - n;
	const float *y = y_end - n;
	double		dot = 0;
	double		dot_absolute = 0;
	double		xx = 0;
	double		yy = 0;
	double		l2 = 0;
	double		l1 = 0;
	float		sums[3];
	bool		right;

	for (int i = 0; i < n; i++)
	{
		double		d = (double) x[i] - y[i];

		dot += (double) x[i] * y[i];
		dot_absolute += fabs((double) x[i] * y[i]);
		xx += (double) x[i] * x[i];
		yy += (double) y[i] * y[i];
		l2 += d * d;
		l1 += fabs(d);
	}
	k->cosine_sums(n, x, y, sums);
	right = near("l2_squared", n, k->l2_squared(n, x, y), l2, l2);
	right &= near("inner_product", n, k->inner_product(n, x, y), dot,
				  dot_absolute);
	right &= near("l1", n, k->l1(n, x, y), l1, l1);
	right &= near("cosine_sums <x,y>", n, sums[0], dot, dot_absolute);
	right &= near("cosine_sums |x|^2", n, sums[1], xx, xx);
	right &= near("cosine_sums |y|^2", n, sums[2], yy, yy);
	right &= check(fabs(k->sum_squares(n, x) - xx) <= 1e-12 * xx,
				   "sum_squares(%d)", n);
	return right;
}

/* The code kernels, with codes `shift` bytes before the end of the page */
static bool
code_kernels_right(const DistanceKernels *k, int n, int shift)
{
	const float *q = x_end - n;
	const int8 *c = c_end - n - shift;
	const int8 *l = l_end - n - shift;
	float		s = 0.37f;
	float		t = 0.11f;
	double		dot = 0;
	double		dot_absolute = 0;
	double		l1 = 0;
	double		l1_absolute = 0;
	double		refined = 0;
	double		pair_l1 = 0;
	int64		pair = 0;
	bool		right;

	for (int i = 0; i < n; i++)
	{
		dot += (double) q[i] * c[i];
		dot_absolute += fabs((double) q[i] * c[i]);
		l1 += fabs(q[i] - (double) s * c[i]);
		refined += fabs(q[i] - s * (c[i] + l[i] / 256.0));
		l1_absolute += fabs(q[i]) + s * fabs((double) c[i]) + s;
		pair += c[i] * l[i];
		pair_l1 += fabs((double) s * c[i] - (double) t * l[i]);
	}
	right = near("code_dot", n, k->code_dot(n, q, c), dot, dot_absolute);
	right &= near("code_l1", n, k->code_l1(n, q, c, s), l1, l1_absolute);
	right &= near("code_l1_refined", n, k->code_l1_refined(n, q, c, l, s),
				  refined, l1_absolute);
	right &= near("code_pair_l1", n, k->code_pair_l1(n, c, s, l, t), pair_l1,
				  128 * n * (s + t));
	right &= check(k->code_pair_dot(n, c, l) == pair,
				   "code_pair_dot(%d): %d, should be %d",
				   n, k->code_pair_dot(n, c, l), (int) pair);
	return right;
}

static bool
sketch_sums_right(const DistanceKernels *k, int n, int words, int stride)
{
	Size		bytes = (Size) (n - 1) * stride + 8 * words;
	char	   *sketches = sketches_end - bytes;
	uint64	   *planes = planes_end - SKETCH_QUERY_BITS * words;
	int32		sums[MAX_SKETCHES];
	bool		right = true;
	int			kind = random_int(4);

	for (Size i = 0; i < bytes / 4; i++)
		((uint32 *) sketches)[i] = kind == 0 ? 0 : random_bits();
	for (int i = 0; i < SKETCH_QUERY_BITS * words; i++)
		planes[i] = kind <= 1 ? ~UINT64CONST(0) : random_bits();

	k->sketch_sums(n, sketches, stride, words, planes, sums);
	for (int i = 0; i < n; i++)
	{
		const uint64 *sketch = (uint64 *) (sketches + (Size) i * stride);
		int			sum = 0;

		for (int bit = 0; bit < 64 * SKETCH_QUERY_BITS * words; bit++)
		{
			int			plane = bit / 64 / words;
			int			word = bit / 64 % words;
			uint64		differ = sketch[word] ^ planes[plane * words + word];

			sum += (int) ((differ >> bit % 64) & 1) << plane;
		}
		right &= check(sums[i] == sum,
					   "sketch_sums(%d of %d, %d words): %d, should be %d",
					   i, n, words, sums[i], sum);
	}
	return right;
}

/* sketch_code_sums, of codes that end where the page does */
static bool
sketch_code_sums_right(const DistanceKernels *k, int n, int words, int stride)
{
	Size		bytes = (Size) (n - 1) * stride + 8 * words;
	char	   *sketches = sketches_end - bytes;
	const int8 *c = c_end - 64 * words;
	int32		sums[MAX_SKETCHES];
	bool		right = true;
	int			kind = random_int(4);

	fill_codes(c_end, 64 * words);
	for (Size i = 0; i < bytes / 4; i++)
		((uint32 *) sketches)[i] = kind == 0 ? 0 : kind == 1 ? PG_UINT32_MAX :
			random_bits();

	k->sketch_code_sums(n, sketches, stride, words, c, sums);
	for (int i = 0; i < n; i++)
	{
		const uint64 *sketch = (uint64 *) (sketches + (Size) i * stride);
		int			sum = 0;

		for (int bit = 0; bit < 64 * words; bit++)
			sum += (sketch[bit / 64] >> bit % 64) & 1 ? c[bit] : -c[bit];
		right &= check(sums[i] == sum,
					   "sketch_code_sums(%d of %d, %d words): %d, not %d",
					   i, n, words, sums[i], sum);
	}
	return right;
}

/* The upper half of a float */
static uint32
upper_half(float value)
{
	uint32		bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits >> 16;
}

static float
from_upper_half(uint32 half)
{
	float		value;

	half <<= 16;
	memcpy(&value, &half, sizeof(value));
	return value;
}

/* edge_values of n edges; every seventh is beyond floats */
static bool
edge_values_right(const DistanceKernels *k, int n)
{
	uint32	   *headers = (uint32 *) x_end - n;
	int32	   *sums = (int32 *) planes_end - n;
	float	   *values = y_end - n;
	EdgeScale	scale = {.zero = random_int(4000)};
	bool		right = true;

	scale.step = (float) random_normal();
	scale.own = (float) (100 * random_normal());
	for (int i = 0; i < n; i++)
	{
		float		constant = (float) (1000 * random_normal());
		float		factor = (float) random_normal();

		if (i % 7 == 6)
		{
			constant = 3e38f;
			factor = -3e38f;
		}
		headers[i] = upper_half(constant) | upper_half(factor) << 16;
		sums[i] = random_int(20000) - 10000;
	}
	k->edge_values(n, headers, sums, &scale, values);
	for (int i = 0; i < n; i++)
	{
		double		constant = from_upper_half(headers[i] & 0xFFFF);
		double		product = (double) from_upper_half(headers[i] >> 16) *
			scale.step * (scale.zero - sums[i]);

		if (i % 7 == 6)
			right &= check(!isnan(values[i]), "edge_values: not a number");
		else
			right &= near("edge_values", n, values[i],
						  scale.own + constant + product,
						  fabs(scale.own) + fabs(constant) + fabs(product));
	}
	return right;
}

/* edge_sums and query_planes, on the first coordinates of n */
static bool
sketch_parts_right(const DistanceKernels *k, int n, int words)
{
	const float *v = x_end - n;
	const float *y = y_end - n;
	uint64	   *sketch = (uint64 *) sketches_end - words;
	uint64	   *planes = planes_end - SKETCH_QUERY_BITS * words;
	double		length2 = 0;
	double		product = 0;
	double		absolute = 0;
	double		signed_v = 0;
	double		all = 0;
	float		step = k->peak(64 * words, v) / 7.5f;
	EdgeSums	sums;
	bool		right = true;

	k->edge_sums(n, words, v, y, sketch, &sums);
	k->query_planes(words, v, 1 / step, planes);
	for (int i = 0; i < n; i++)
	{
		double		r = y[i] - v[i];
		int			level = 0;
		double		exact = v[i] / step + 7.5;

		length2 += r * r;
		product += v[i] * r;
		all += fabs(v[i] * r) + r * r + fabs(v[i]);
		if (i >= 64 * words)
			continue;
		absolute += fabs(r);
		signed_v += r < 0 ? -v[i] : v[i];
		right &= check(((sketch[i / 64] >> i % 64) & 1) == (r >= 0),
					   "edge_sums: bit %d of %d", i, 64 * words);
		for (int j = 0; j < SKETCH_QUERY_BITS; j++)
			level |= ((planes[j * words + i / 64] >> i % 64) & 1) << j;
		right &= check(fabs(level - exact) <= 1.0001,
					   "query_planes: %d for %g", level, exact);
	}
	right &= near("edge_sums |r|^2", 4 * n, sums.length2, length2, all);
	right &= near("edge_sums <v,r>", 4 * n, sums.product, product, all);
	right &= near("edge_sums s1", 4 * n, sums.absolute, absolute, all);
	right &= near("edge_sums sv", 4 * n, sums.signed_v, signed_v, all);
	return right;
}

/* What of quantize can be told from outside, and decode */
static bool
quantize_right(const DistanceKernels *k, int n)
{
	const float *x = x_end - n;
	float	   *out = y_end - n;
	int8	   *c = c_end - n;
	int8	   *l = l_end - n;
	float		scale = k->peak(n, x) / 127.0f;
	float		inverse = 1.0f / scale;
	double		most = 0;
	double		sums[4] = {0};
	CodeErrors	errors;
	bool		right = true;

	k->quantize(n, x, inverse, c, l, &errors);
	k->decode(n, c, scale, out);
	for (int i = 0; i < n; i++)
	{
		double		t = (double) x[i] * inverse;
		double		rest = t - c[i];
		double		fine = 256 * rest - l[i];

		most = Max(most, fabs(x[i]));
		sums[0] += rest * rest;
		sums[1] += fabs(rest);
		sums[2] += fine * fine;
		sums[3] += fabs(fine);
		right &= check(fabs(rest) <= 0.50002 && fabs(fine) <= 1.005,
					   "quantize: %g as %d + %d/256", t, c[i], l[i]);
		right &= check(out[i] == (float) (scale * c[i]), "decode");
	}
	right &= check(scale * 127.0f >= most * 0.999999f, "peak");
	right &= check(fabs(errors.squares - sums[0]) <= 1e-4 * sums[0] + 1e-5 &&
				   fabs(errors.absolutes - sums[1]) <= 1e-4 * sums[1] + 1e-4,
				   "quantize: errors of the code");
	right &= check(fabs(errors.fine_squares - sums[2]) <=
				   0.02 * sums[2] + 0.02 &&
				   fabs(errors.fine_absolutes - sums[3]) <=
				   0.02 * sums[3] + 0.02,
				   "quantize: errors of the refinement: %g %g, %g %g",
				   errors.fine_squares, sums[2],
				   errors.fine_absolutes, sums[3]);
	return right;
}

/* hadamard, flip_signs, butterfly and multiply, against their definitions */
static bool
rotation_kernels_right(const DistanceKernels *k, int levels)
{
	int			n = 1 << levels;
	float	   *x = x_end - n;
	float	   *y = y_end - n;
	double		exact[MAX_LENGTH];
	double		length = sqrt(k->sum_squares(n, x));
	bool		right = true;

	for (int i = 0; i < n; i++)
		exact[i] = x[i];
	for (int h = 1; h < n; h *= 2)
		for (int i = 0; i < n; i++)
			if ((i & h) == 0)
			{
				double		a = exact[i];

				exact[i] = a + exact[i + h];
				exact[i + h] = a - exact[i + h];
			}
	memcpy(y, x, n * sizeof(float));
	k->hadamard(n, y, 0.5f);
	for (int i = 0; i < n; i++)
		right &= check(fabs(y[i] - 0.5 * exact[i]) <=
					   1e-6 * sqrt(n) * length,
					   "hadamard(%d) %d: %g, should be %g",
					   n, i, y[i], 0.5 * exact[i]);

	for (int i = 0; i < n; i++)
		((uint32 *) y)[i] = random_bits() & 0x80000000;
	k->flip_signs(n, x, (const uint32 *) y);
	k->flip_signs(n, y, (const uint32 *) x);
	for (int i = 0; i < n; i++)
		right &= check(y[i] == (signbit(x[i]) ? -fabsf(x[i]) : fabsf(x[i])) ||
					   ((uint32 *) y)[i] != 0, "flip_signs");
	return right;
}

/* The sets agree on what is exact, and are otherwise near the reference */
static void
test_set(const DistanceKernels *k)
{
	bool		floats = true;
	bool		codes = true;
	bool		sums = true;
	bool		code_sums = true;
	bool		values = true;
	bool		parts = true;
	bool		encoding = true;
	bool		rotation = true;

	for (int n = 1; n <= MAX_LENGTH; n = next_length(n))
	{
		fill_floats(x_end, n);
		fill_floats(y_end, n);
		floats &= float_kernels_right(k, n);
	}
	ok(floats, "%s: kernels on floats", k->name);

	for (int n = 16; n <= MAX_LENGTH; n += 16)
	{
		fill_floats(x_end, n);
		fill_codes(c_end, n + 3);
		fill_codes(l_end, n + 3);
		for (int shift = 0; shift < 4; shift++)
			codes &= code_kernels_right(k, n, shift);
	}
	ok(codes, "%s: kernels on codes", k->name);

	for (int words = 1; words <= SKETCH_MAX_WORDS; words++)
		for (int n = 1; n <= MAX_SKETCHES; n++)
			sums &= sketch_sums_right(k, n, words,
									  8 * words + 8 * random_int(4));
	ok(sums, "%s: sketch_sums", k->name);

	for (int words = 1; words <= SKETCH_MAX_WORDS; words++)
		for (int n = 1; n <= MAX_SKETCHES; n++)
			code_sums &= sketch_code_sums_right(k, n, words,
												8 * words +
												8 * random_int(4));
	ok(code_sums, "%s: sketch_code_sums", k->name);

	for (int n = 16; n <= 64; n += 16)
		values &= edge_values_right(k, n);
	ok(values, "%s: edge_values", k->name);

	for (int words = 1; words <= SKETCH_MAX_WORDS; words++)
		for (int n = 64 * words; n <= 64 * words + 48; n += 16)
		{
			fill_floats(x_end, n);
			fill_floats(y_end, n);
			parts &= sketch_parts_right(k, n, words);
		}
	ok(parts, "%s: edge_sums, query_planes", k->name);

	for (int n = 64; n <= MAX_LENGTH; n += 16)
	{
		fill_floats(x_end, n);
		encoding &= quantize_right(k, n);
	}
	ok(encoding, "%s: quantize, peak, decode", k->name);

	for (int levels = 6; levels <= 11; levels++)
	{
		fill_floats(x_end, 1 << levels);
		rotation &= rotation_kernels_right(k, levels);
	}
	ok(rotation, "%s: hadamard, flip_signs", k->name);
}

/*
 * Times
 */

static volatile float sink;

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + 1e-9 * now.tv_nsec;
}

/* Set `ns` to the time that `expression` takes: the best of some runs */
#define TIME(ns, expression) \
	do { \
		(ns) = 1e9; \
		for (int run_ = 0; run_ < 12; run_++) \
		{ \
			double		start_ = seconds(); \
			for (int i_ = 0; i_ < 2000; i_++) \
			{ \
				expression; \
				__asm__ volatile("" ::: "memory"); \
			} \
			(ns) = Min((ns), (seconds() - start_) * 1e9 / 2000); \
		} \
	} while (0)

#define REPORT(name, expression) \
	do { \
		double		ns_; \
		TIME(ns_, expression); \
		printf("  %-18s %9.1f ns\n", name, ns_); \
	} while (0)

/*
 * Operands that lie where nothing special is behind them: masked loads that
 * reach into a page that cannot be read take a hundred times as long, which
 * is not what we want to know.
 */
static void
bench_operands(void)
{
	static char memory[6][2 * 4 * MAX_LENGTH];

	x_end = (float *) (memory[0] + 4 * MAX_LENGTH);
	y_end = (float *) (memory[1] + 4 * MAX_LENGTH);
	c_end = (int8 *) (memory[2] + 4 * MAX_LENGTH);
	l_end = (int8 *) (memory[3] + 4 * MAX_LENGTH);
	sketches_end = memory[4] + 4 * MAX_LENGTH;
	planes_end = (uint64 *) (memory[5] + 4 * MAX_LENGTH);
}

static void
bench_kernels(const DistanceKernels *k, int n)
{
	float	   *x = x_end - n;
	float	   *y = y_end - n;
	int8	   *c = c_end - n;
	int8	   *l = l_end - n;
	int			words = 5;
	int32		sums[32];
	float		three[3];

	printf("%s, %d dimensions\n", k->name, n);
	fill_floats(x_end, n);
	fill_floats(y_end, n);
	REPORT("l2_squared", sink = k->l2_squared(n, x, y));
	REPORT("inner_product", sink = k->inner_product(n, x, y));
	REPORT("l1", sink = k->l1(n, x, y));
	REPORT("cosine_sums", k->cosine_sums(n, x, y, three));
	REPORT("sum_squares", sink = k->sum_squares(n, x));
	REPORT("code_dot", sink = k->code_dot(n, x, c));
	REPORT("code_l1", sink = k->code_l1(n, x, c, 1.0f));
	REPORT("code_l1_refined", sink = k->code_l1_refined(n, x, c, l, 1.0f));
	REPORT("code_pair_dot", sink = k->code_pair_dot(n, c, l));
	REPORT("code_pair_l1", sink = k->code_pair_l1(n, c, 1.0f, l, 1.0f));
	REPORT("sketch_sums 32x5",
		   k->sketch_sums(32, sketches_end - 32 * 56, 56, words,
						  planes_end - SKETCH_QUERY_BITS * words, sums));
	REPORT("sketch_sums 32x2",
		   k->sketch_sums(32, sketches_end - 32 * 32, 32, 2,
						  planes_end - SKETCH_QUERY_BITS * 2, sums));
	REPORT("sketch_code_sums 32x5",
		   k->sketch_code_sums(32, sketches_end - 32 * 56, 56, words, c,
							   sums));
}

/* The codec, with the kernels of a set */
static void
bench_codec(const DistanceKernels *k, int n)
{
	Codec	   *codec = malloc(codec_bytes(n));
	float	   *x = x_end - n;
	float	   *y = y_end - n;
	static float rotated[MAX_LENGTH];
	float		estimates[32];
	CodecVector v = {.rotated = rotated,.code = c_end - n,.refine = l_end - n};
	char	   *edge = sketches_end - 32 * 56 - 4;
	CodecQuery	query;
	float		dot;

	distance_kernels = k;
	printf("%s, codec, %d dimensions, 5 words\n", k->name, n);
	fill_floats(x_end, n);
	fill_floats(y_end, n);
	codec_init(codec, METRIC_L2, n, 5, 1);
	REPORT("codec_encode", codec_encode(codec, x, &v));
	REPORT("codec_decode", codec_decode(codec, v.code, v.scale, y));
	REPORT("codec_query_init",
		   codec_query_init(&query, codec, rotated, CODEC_SEARCH));
	REPORT("codec_distance",
		   sink = codec_distance(&query, v.code, v.scale, v.norm2, &dot));
	REPORT("codec_bounds",
		   sink = codec_bounds(&query, 1000, v.norm2, v.error).lower);
	REPORT("codec_refined",
		   sink = codec_refined_bounds(&query, NULL, dot, v.refine, v.scale,
									   v.refine_norm2,
									   v.refine_error).lower);
	REPORT("codec_edge_fill",
		   sink = codec_edge_fill(codec, edge, y, rotated));
	for (int i = 1; i < 32; i++)
		memcpy(edge + 56 * i, edge, 56);
	REPORT("edge_estimates 32",
		   codec_edge_estimates(&query, 1, 32, edge, 56, estimates));
	REPORT("edge_lengths 32",
		   codec_edge_lengths(codec, v.code, v.scale, 32, edge, 56,
							  estimates));
	free(codec);
}

int
main(int argc, char **argv)
{
	bool		bench = argc > 1 && strcmp(argv[1], "--bench") == 0;

	x_end = guarded_end(MAX_LENGTH * sizeof(float));
	y_end = guarded_end(MAX_LENGTH * sizeof(float));
	c_end = guarded_end(MAX_LENGTH + 16);
	l_end = guarded_end(MAX_LENGTH + 16);
	sketches_end = guarded_end(MAX_SKETCHES * 128);
	planes_end = guarded_end(SKETCH_QUERY_BITS * SKETCH_MAX_WORDS * 8);

	if (bench)
		bench_operands();

	distance_init();
	printf("# this CPU uses %s\n", distance_kernels->name);
	for (int i = 0; distance_available()[i] != NULL; i++)
	{
		if (bench)
		{
			bench_kernels(distance_available()[i], 784);
			bench_codec(distance_available()[i], 784);
		}
		else
			test_set(distance_available()[i]);
	}
	return bench ? 0 : tests_done();
}
