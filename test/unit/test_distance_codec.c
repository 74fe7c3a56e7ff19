/*-------------------------------------------------------------------------
 *
 * test_distance_codec.c
 *	  Tests of rotation, codes, bounds and sketches.
 *
 * Built like test_distance.c.  All of it runs once with each kernel set of
 * this CPU.  The main part holds what the executor insists on: the distance
 * that SQL computes lies within the bounds, for pairs of many kinds.  --long
 * tries twenty times as many.
 *
 *-------------------------------------------------------------------------
 */
#include "test_distance.h"

#include "distance/distance_rotation.h"

#define MAX_DIMENSIONS	1536
#define MAX_EDGES		70

/* Pairs tried, relative to the usual; sanitizers make each much slower */
#if defined(__SANITIZE_ADDRESS__)
static double effort = 0.25;
#else
static double effort = 1;
#endif

/* Kinds of data */
typedef enum DataKind
{
	DATA_NORMAL,
	DATA_NEAR,					/* queries next to rows, from 1e-7 to 1 */
	DATA_SAME,					/* queries are rows */
	DATA_MAGNITUDES,			/* lengths from 1e-45 to 1e38 */
	DATA_EXTREME,				/* all of them tiny, or all huge */
	DATA_SPARSE,				/* a few coordinates, some of one value */
	DATA_PIXELS,				/* integers */
	DATA_FAR,					/* integers around 10000 */
	DATA_MIXED,					/* coordinates from 1e-30 to 1e30 */
	DATA_KINDS
} DataKind;

static const char *const data_names[] = {
	"normal", "near-duplicates", "identical", "all magnitudes", "extremes",
	"sparse", "pixels", "far from the origin", "mixed coordinates"
};

static const char *const metric_names[] = {
	"", "L2", "inner product", "cosine", "L1"
};

/* 10^exponent times a, but finite */
static float
scaled(double a, double exponent)
{
	a *= pow(10, exponent);
	return (float) Max(Min(a, FLT_MAX), -FLT_MAX);
}

static void
fill_row(DataKind kind, int n, float *x)
{
	double		exponent = 0;
	int			kept = 1 + random_int(4);

	if (kind == DATA_MAGNITUDES)
		exponent = -45 + 83.5 * random_unit();
	if (kind == DATA_EXTREME)
		exponent = (random_state >> 40) % 2 == 0 ? 37.5 + random_unit() :
			-45 + 10 * random_unit();
	for (int i = 0; i < n; i++)
	{
		switch (kind)
		{
			case DATA_SPARSE:
				x[i] = random_int(n) < kept ? 1 + random_int(2) : 0;
				break;
			case DATA_PIXELS:
				x[i] = Max(random_int(512) - 256, 0);
				break;
			case DATA_FAR:
				x[i] = 10000 + random_int(16);
				break;
			case DATA_MIXED:
				x[i] = scaled(random_normal(), 60 * random_unit() - 30);
				break;
			default:
				x[i] = scaled(random_normal(), exponent);
				break;
		}
	}
}

/* A query for rows of that kind, one of which is x */
static void
fill_query(DataKind kind, int n, const float *x, float *q)
{
	double		noise = pow(10, -7 * random_unit());
	bool		single = random_int(2) == 0;

	memcpy(q, x, n * sizeof(float));
	if (kind == DATA_SAME)
		return;
	if (kind != DATA_NEAR && random_int(4) != 0)
	{
		fill_row(kind, n, q);
		return;
	}
	if (single)
		q[random_int(n)] *= (float) (1 + noise);
	else
		for (int i = 0; i < n; i++)
			q[i] = scaled(q[i] + noise * x[random_int(n)] * random_normal(),
						  0);
}

/* What the operator returns */
static double
sql_distance(DistanceMetric metric, int n, const float *x, const float *y)
{
	float		sums[3];
	double		similarity;

	switch (metric)
	{
		case METRIC_L2:
			return sqrt((double) distance_kernels->l2_squared(n, x, y));
		case METRIC_INNER_PRODUCT:
			return -(double) distance_kernels->inner_product(n, x, y);
		case METRIC_L1:
			return distance_kernels->l1(n, x, y);
		default:
			distance_kernels->cosine_sums(n, x, y, sums);
			similarity = sums[0] / sqrt((double) sums[1] * (double) sums[2]);
			if (similarity > 1)
				similarity = 1;
			if (similarity < -1)
				similarity = -1;
			return 1 - similarity;
	}
}

/* An encoded vector with its arrays */
typedef struct Encoded
{
	float		x[MAX_DIMENSIONS];
	float		rotated[MAX_DIMENSIONS];
	int8		code[MAX_DIMENSIONS];
	int8		refine[MAX_DIMENSIONS];
	CodecVector v;
} Encoded;

static bool
encode(const Codec *codec, Encoded *e)
{
	e->v.rotated = e->rotated;
	e->v.code = e->code;
	e->v.refine = e->refine;
	return codec_encode(codec, e->x, &e->v);
}

static Codec *
create_codec(DistanceMetric metric, int n, int words)
{
	Codec	   *codec = malloc(codec_bytes(n));

	codec_init(codec, metric, n, words, 42);
	return codec;
}

/*
 * Bounds
 */

typedef struct BoundsTally
{
	int64		pairs;
	int64		distant;		/* pairs that are not near-duplicates */
	double		own_width;		/* of those, sums of widths, relative to */
	double		refined_width;	/* the distance or the product of lengths */
} BoundsTally;

static bool
within(const char *which, CodecBounds b, double distance)
{
	if (isnan(distance))
		return check(b.upper == INFINITY && b.lower <= b.upper,
					 "%s: [%.9g, %.9g] for NaN", which, b.lower, b.upper);
	return check(b.lower <= distance && distance <= b.upper,
				 "%s: %.17g is not in [%.17g, %.17g]",
				 which, distance, b.lower, b.upper);
}

/* Are the two not near-duplicates? */
static bool
query_apart(const CodecQuery *query, const Encoded *e)
{
	double		square = distance_kernels->l2_squared(query->codec->code_size,
													  query->rotated,
													  e->rotated);

	return square > 0.1 * query->norm2;
}

static bool
pair_right(const CodecQuery *query, const float *q, const Encoded *e,
		   BoundsTally *tally)
{
	const Codec *codec = query->codec;
	double		sql = sql_distance(codec->metric, codec->dimensions, q, e->x);
	float		dot;
	float		distance = codec_distance(query, e->code, e->v.scale,
										  e->v.norm2, &dot);
	CodecBounds own = codec_bounds(query, distance, e->v.norm2, e->v.error);
	CodecBounds refined = codec_refined_bounds(query, e->code, dot, e->refine,
											   e->v.scale,
											   e->v.refine_norm2,
											   e->v.refine_error);

	double		scale = codec->metric == METRIC_INNER_PRODUCT ?
		query->norm * sqrt(e->v.norm2) : fabs(sql);
	bool		right;

	tally->pairs++;
	if (query_apart(query, e))
	{
		tally->distant++;
		tally->own_width += (own.upper - own.lower) / scale;
		tally->refined_width += (refined.upper - refined.lower) / scale;
	}
	right = check(!isnan(distance), "distance is NaN");
	right &= within("own code", own, sql);
	right &= within("refined", refined, sql);
	right &= check(codec->metric == METRIC_INNER_PRODUCT || own.lower >= 0,
				   "negative lower bound");
	return right;
}

/* Rows and queries of one kind, each with each */
static bool
bounds_right(const Codec *codec, DataKind kind, int rows,
			 BoundsTally *tally)
{
	static Encoded row[64];
	static Encoded q;
	bool		usable[64];
	int			n = codec->dimensions;
	bool		right = true;

	for (int i = 0; i < rows; i++)
	{
		fill_row(kind, n, row[i].x);
		usable[i] = encode(codec, &row[i]);
		right &= check(usable[i] || codec->metric == METRIC_COSINE,
					   "not encoded");
	}
	for (int j = 0; j < rows; j++)
	{
		CodecQuery	query;

		fill_query(kind, n, row[j].x, q.x);
		if (!encode(codec, &q))
			continue;
		codec_query_init(&query, codec, q.rotated, CODEC_SEARCH);
		for (int i = 0; i < rows; i++)
			if (usable[i])
				right &= pair_right(&query, q.x, &row[i], tally);
	}
	return right;
}

static void
test_bounds(void)
{
	static const int dimensions[] = {1, 2, 3, 17, 64, 100, 128, 784, 1536};

	for (DistanceMetric metric = METRIC_L2; metric <= METRIC_L1; metric++)
		for (int kind = 0; kind < DATA_KINDS; kind++)
		{
			BoundsTally tally = {0};
			bool		right = true;

			for (int d = 0; d < (int) lengthof(dimensions); d++)
			{
				Codec	   *codec = create_codec(metric, dimensions[d], 1);
				int			batches = effort * 1500 / (dimensions[d] + 200);

				for (int i = 0; i <= batches; i++)
					right &= bounds_right(codec, kind, 60, &tally);
				free(codec);
			}
			ok(right, "%s, %s, %s: %lld pairs are within bounds",
			   distance_kernels->name, metric_names[metric],
			   data_names[kind], (long long) tally.pairs);
		}
}

/* How wide the intervals are for ordinary data */
static void
test_tightness(void)
{
	static const int dimensions[] = {128, 784, 1536};

	for (int d = 0; d < (int) lengthof(dimensions); d++)
		for (DistanceMetric metric = METRIC_L2; metric <= METRIC_L1; metric++)
		{
			BoundsTally tally = {0};
			Codec	   *codec = create_codec(metric, dimensions[d], 1);

			bounds_right(codec, DATA_NORMAL, 40, &tally);
			free(codec);
			tally.own_width /= tally.distant;
			tally.refined_width /= tally.distant;
			ok(tally.own_width < 0.04 && tally.refined_width < 2e-4,
			   "%s, %s, %d dimensions: relative widths %.2g, refined %.2g",
			   distance_kernels->name, metric_names[metric], dimensions[d],
			   tally.own_width, tally.refined_width);
		}
}

/*
 * Rotation and codes
 */

/*
 * Length, inner products and the error bound.  The exact transform is not
 * known, so we compare what any orthogonal one keeps.
 */
static void
test_rotation(void)
{
	bool		right = true;
	double		worst = 0;
	double		mean = 0;
	int			count = 0;

	for (int dimensions = 1; dimensions <= MAX_DIMENSIONS;
		 dimensions += 1 + dimensions / 5)
	{
		Codec	   *codec = create_codec(METRIC_L2, dimensions, 1);
		int			n = codec->code_size;
		double		allowed = 2 * rotation_error(n);
		static Encoded x;
		static Encoded y;

		for (int i = 0; i < 20; i++)
		{
			double		before = 0;
			double		after = 0;
			double		xx = 0;
			double		yy = 0;
			double		rotated_xx = 0;

			fill_row(i % 2 ? DATA_NORMAL : DATA_SPARSE, dimensions, x.x);
			fill_row(DATA_NORMAL, dimensions, y.x);
			encode(codec, &x);
			encode(codec, &y);
			for (int k = 0; k < n; k++)
			{
				if (k < dimensions)
				{
					before += (double) x.x[k] * y.x[k];
					xx += (double) x.x[k] * x.x[k];
					yy += (double) y.x[k] * y.x[k];
				}
				after += (double) x.rotated[k] * y.rotated[k];
				rotated_xx += (double) x.rotated[k] * x.rotated[k];
			}
			right &= check(fabs(after - before) <= allowed * sqrt(xx * yy),
						   "%d: <x,y> %g becomes %g", n, before, after);
			right &= check(fabs(rotated_xx - xx) <= allowed * xx,
						   "%d: |x|^2 %g becomes %g", n, xx, rotated_xx);
			if (xx > 0)
			{
				mean += fabs(rotated_xx / xx - 1);
				worst = Max(worst, fabs(rotated_xx / xx - 1));
				count++;
			}
		}
		free(codec);
	}
	ok(right, "%s: rotation is orthogonal; |x|^2 changes by %.1e, at most %.1e",
	   distance_kernels->name, mean / count, worst);
}

/*
 * A unit vector in any direction is spread over all coordinates, and two of
 * them in different ways.
 */
static void
test_mixing(void)
{
	static const int sizes[] = {64, 112, 128, 384, 784, 1008, 1536};

	for (int s = 0; s < (int) lengthof(sizes); s++)
	{
		int			n = sizes[s];
		Codec	   *codec = create_codec(METRIC_L2, n, 1);
		double		peak = 0;
		double		fourth = 0;
		static Encoded e;

		for (int i = 0; i < n; i++)
		{
			memset(e.x, 0, sizeof(e.x));
			e.x[i] = 1;
			encode(codec, &e);
			for (int k = 0; k < n; k++)
			{
				double		square = (double) e.rotated[k] * e.rotated[k];

				peak = Max(peak, sqrt(square));
				fourth += square * square;
			}
		}
		/* Of a normal distribution: kurtosis 3 */
		ok(peak * sqrt(n) < 7 && fourth < 3.3,
		   "%s, %d: unit vectors are spread (kurtosis %.2f, peak %.1f)",
		   distance_kernels->name, n, fourth, peak * sqrt(n));
		free(codec);
	}
}

/* What error, norms and decode promise, for vectors in the rotated space */
static bool
encoding_right(const Codec *codec, const Encoded *e)
{
	double		error = 0;
	double		refine_error = 0;
	double		norm2 = 0;
	double		refine_norm2 = 0;
	double		scale = e->v.scale;
	static float decoded[MAX_DIMENSIONS];
	bool		right = true;

	codec_decode(codec, e->code, e->v.scale, decoded);
	for (int k = 0; k < codec->code_size; k++)
	{
		double		x = scale * e->code[k];
		double		fine = scale * (e->code[k] + e->refine[k] / 256.0);

		norm2 += x * x;
		refine_norm2 += fine * fine;
		right &= check(decoded[k] == (float) x, "decode");
		x -= e->rotated[k];
		fine -= e->rotated[k];
		error += codec->metric == METRIC_L1 ? fabs(x) : x * x;
		refine_error += codec->metric == METRIC_L1 ? fabs(fine) : fine * fine;
	}
	if (codec->metric != METRIC_L1)
	{
		error = sqrt(error);
		refine_error = sqrt(refine_error);
	}
	right &= check(error <= e->v.error, "error %g > %g", error, e->v.error);
	right &= check(refine_error <= e->v.refine_error,
				   "refine error %g > %g", refine_error, e->v.refine_error);
	right &= check(norm2 > FLT_MAX ||
				   fabs(norm2 - e->v.norm2) <= 6e-8 * norm2 + 1e-44,
				   "norm2 %g, %g", norm2, e->v.norm2);
	right &= check(refine_norm2 > FLT_MAX ||
				   fabs(refine_norm2 - e->v.refine_norm2) <=
				   6e-8 * refine_norm2 + 1e-44,
				   "refine norm2 %g, %g", refine_norm2, e->v.refine_norm2);
	return right;
}

static void
test_encoding(void)
{
	static Encoded e;

	for (DistanceMetric metric = METRIC_L2; metric <= METRIC_L1; metric++)
	{
		bool		right = true;

		for (int n = 1; n <= MAX_DIMENSIONS; n += 1 + n / 8)
		{
			Codec	   *codec = create_codec(metric, n, 1);

			for (int i = 0; i < 10 * DATA_KINDS; i++)
			{
				fill_row(i % DATA_KINDS, n, e.x);
				if (encode(codec, &e))
					right &= encoding_right(codec, &e);
			}
			memset(e.x, 0, sizeof(e.x));
			right &= check(encode(codec, &e) == (metric != METRIC_COSINE),
						   "zero vector");
			if (metric != METRIC_COSINE)
				right &= check(e.v.scale == 0 && e.v.error == 0 &&
							   e.v.norm2 == 0 && e.v.refine_error == 0,
							   "zero vector is not exact");
			free(codec);
		}
		ok(right, "%s, %s: errors and norms of codes",
		   distance_kernels->name, metric_names[metric]);
	}
}

static void
test_pair_distance(void)
{
	static Encoded x;
	static Encoded y;
	static float decoded[MAX_DIMENSIONS];

	for (DistanceMetric metric = METRIC_L2; metric <= METRIC_L1; metric++)
	{
		Codec	   *codec = create_codec(metric, 100, 1);
		bool		right = true;

		for (int i = 0; i < 200; i++)
		{
			CodecQuery	query;
			float		dot;
			double		distance;
			double		pair;

			fill_row(DATA_NORMAL, 100, x.x);
			fill_row(DATA_NORMAL, 100, y.x);
			encode(codec, &x);
			encode(codec, &y);
			codec_decode(codec, x.code, x.v.scale, decoded);
			codec_query_init(&query, codec, decoded, CODEC_LINK);
			distance = codec_distance(&query, y.code, y.v.scale, y.v.norm2,
									  &dot);
			pair = codec_pair_distance(codec,
									   x.code, x.v.scale, x.v.norm2,
									   y.code, y.v.scale, y.v.norm2);
			right &= check(fabs(distance - pair) <= 1e-5 * pair,
						   "link distance %g, of codes %g", distance, pair);
		}
		ok(right, "%s, %s: distances between codes",
		   distance_kernels->name, metric_names[metric]);
		free(codec);
	}
}

/*
 * Edges
 */

typedef struct EdgeTally
{
	double		bias;			/* sum of (estimate - exact) / theory */
	double		square;			/* sum of its square */
	double		length;			/* largest relative error of the length */
	int			count;
} EdgeTally;

/*
 * The link distance of two vectors and the search key of one for the other,
 * exactly.
 */
static void
exact_keys(const Codec *codec, const float *q, const float *x,
		   double *link, double *key)
{
	double		square = 0;
	double		product = 0;

	for (int k = 0; k < codec->code_size; k++)
	{
		square += ((double) q[k] - x[k]) * ((double) q[k] - x[k]);
		product += (double) q[k] * x[k];
	}
	*link = square;
	*key = codec->metric == METRIC_INNER_PRODUCT ? -product : square;
}

/*
 * One node with edges to random vectors, and a query.
 *
 * With normal data the signs of B coordinates estimate <q - v, r> with an
 * error of standard deviation a sqrt((pi / 2 - B / D) / B), where D is the
 * number of coordinates and a the length of r times that part of q - v which
 * is perpendicular to r.  The estimated distance is off by twice that.
 */
static bool
edges_right(const Codec *codec, CodecPurpose purpose, bool from_origin,
			char *edges_end, EdgeTally *tally)
{
	static Encoded v;
	static Encoded q;
	static Encoded neighbor[MAX_EDGES];
	static float decoded[MAX_DIMENSIONS];
	int			bytes = codec_edge_bytes(codec);
	int			stride = (bytes + 4 + 7) / 8 * 8;
	char	   *edges = edges_end - (MAX_EDGES - 1) * stride - bytes;
	double		bits = 64.0 * codec->sketch_words;
	float		estimates[MAX_EDGES];
	float		lengths[MAX_EDGES];
	CodecQuery	query;
	double		own;
	double		own_key;
	bool		right = true;

	fill_row(DATA_NORMAL, codec->dimensions, v.x);
	fill_row(DATA_NORMAL, codec->dimensions, q.x);
	encode(codec, &v);
	encode(codec, &q);
	if (from_origin)
		memset(v.code, 0, codec->code_size);
	codec_decode(codec, v.code, v.v.scale, decoded);
	codec_query_init(&query, codec, q.rotated, purpose);
	exact_keys(codec, q.rotated, decoded, &own, &own_key);
	if (purpose == CODEC_LINK)
		own_key = own;
	if (from_origin)
	{
		right &= check(fabs(codec_origin_distance(&query) - own_key) <=
					   1e-6 * own, "to the origin");
		own_key = codec_origin_distance(&query);
	}

	for (int i = 0; i < MAX_EDGES; i++)
	{
		double		length;
		double		key;

		fill_row(DATA_NORMAL, codec->dimensions, neighbor[i].x);
		encode(codec, &neighbor[i]);
		exact_keys(codec, decoded, neighbor[i].rotated, &length, &key);
		right &= check(fabs(codec_edge_fill(codec, edges + i * stride,
											decoded, neighbor[i].rotated) -
							length) <= 1e-4 * length, "edge's length");
	}
	codec_edge_estimates(&query, own_key, MAX_EDGES, edges, stride,
						 estimates);
	codec_edge_lengths(codec, v.code, v.v.scale, MAX_EDGES, edges, stride,
					   lengths);

	for (int i = 0; i < MAX_EDGES; i++)
	{
		double		length;
		double		link;
		double		key;
		double		along;
		double		theory;

		exact_keys(codec, decoded, neighbor[i].rotated, &length, &key);
		exact_keys(codec, q.rotated, neighbor[i].rotated, &link, &key);
		if (purpose == CODEC_LINK)
			key = link;
		along = (own + length - link) / 2;
		theory = 2 * sqrt((length * own - along * along) *
						  (M_PI / 2 - bits / codec->code_size) / bits);
		if (key != link)
			theory /= 2;
		tally->bias += (estimates[i] - key) / theory;
		tally->square += pow((estimates[i] - key) / theory, 2);
		tally->length = Max(tally->length, fabs(lengths[i] / length - 1));
		tally->count++;
	}
	return right;
}

/* Edges from vectors drawn by lot or, as landmarks are, from the origin */
static void
test_edges_from(bool origin, DistanceMetric metric, CodecPurpose purpose,
				int dimensions, char *end)
{
	int			words = Min(dimensions / 64, 5);
	Codec	   *codec = create_codec(metric, dimensions, words);
	EdgeTally	tally = {0};
	bool		right = true;
	double		deviation;

	for (int i = 0; i < 40; i++)
		right &= edges_right(codec, purpose, origin, end, &tally);
	tally.bias /= tally.count;
	deviation = sqrt(tally.square / tally.count);
	ok(right && fabs(tally.bias) < 0.25 && tally.length < 0.02 &&
	   deviation > 0.9 && deviation < 1.12,
	   "%s, %s %s, %d dimensions, %d words%s: estimates are off by %.3f of "
	   "theory (bias %.3f); lengths by %.2g",
	   distance_kernels->name, metric_names[metric],
	   purpose == CODEC_LINK ? "link" : "search", dimensions, words,
	   origin ? ", from the origin" : "", deviation, tally.bias,
	   tally.length);
	free(codec);
}

static void
test_edges(void)
{
	static const int dimensions[] = {64, 128, 384, 784, 1536};
	char	   *end = guarded_end(MAX_EDGES * 96);

	for (int d = 0; d < (int) lengthof(dimensions); d++)
		for (DistanceMetric metric = METRIC_L2; metric <= METRIC_COSINE;
			 metric++)
			for (CodecPurpose purpose = CODEC_SEARCH; purpose <= CODEC_LINK;
				 purpose++)
			{
				test_edges_from(false, metric, purpose, dimensions[d], end);
				test_edges_from(true, metric, purpose, dimensions[d], end);
			}
}

/* Edges without a sketch, of length 0, beyond the sketch, and overflowing */
static void
test_odd_edges(void)
{
	static Encoded v;
	static Encoded y;
	static float decoded[MAX_DIMENSIONS];
	char	   *edge = (char *) guarded_end(64) - 60;
	float		estimate;
	float		length;
	Codec	   *codec = create_codec(METRIC_L1, 100, 0);
	CodecQuery	query;

	fill_row(DATA_NORMAL, 100, v.x);
	fill_row(DATA_NORMAL, 100, y.x);
	encode(codec, &v);
	encode(codec, &y);
	codec_decode(codec, v.code, v.v.scale, decoded);
	codec_edge_fill(codec, edge, decoded, y.rotated);
	codec_edge_lengths(codec, v.code, v.v.scale, 1, edge, 8, &length);
	ok(codec_edge_bytes(codec) == 4 &&
	   fabs(length / distance_kernels->l1(100, decoded, y.x) - 1) < 0.004,
	   "%s: L1 edge's length", distance_kernels->name);
	free(codec);

	codec = create_codec(METRIC_L2, 784, 5);
	fill_row(DATA_NORMAL, 784, v.x);
	encode(codec, &v);
	codec_decode(codec, v.code, v.v.scale, decoded);
	codec_query_init(&query, codec, v.rotated, CODEC_SEARCH);
	codec_edge_fill(codec, edge, decoded, decoded);
	codec_edge_estimates(&query, 3.0f, 1, edge, 56, &estimate);
	codec_edge_lengths(codec, v.code, v.v.scale, 1, edge, 56, &length);
	ok(estimate == 3.0f && length == 0, "%s: edge of length 0",
	   distance_kernels->name);

	memcpy(decoded, v.rotated, sizeof(decoded));
	decoded[700] += 2;
	codec_edge_fill(codec, edge, v.rotated, decoded);
	codec_edge_estimates(&query, 3.0f, 1, edge, 56, &estimate);
	ok(fabs(estimate - 7.0) < 0.1, "%s: edge beyond the sketch",
	   distance_kernels->name);

	for (int k = 0; k < 784; k++)
		decoded[k] = k % 2 ? 1e38f : -1e38f;
	codec_edge_fill(codec, edge, v.rotated, decoded);
	codec_edge_estimates(&query, 3.0f, 1, edge, 56, &estimate);
	codec_edge_lengths(codec, v.code, v.v.scale, 1, edge, 56, &length);
	ok(!isnan(estimate) && !isnan(length), "%s: overflowing edge",
	   distance_kernels->name);
	free(codec);
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--long") == 0)
		effort = 20;

	for (int i = 0; distance_available()[i] != NULL; i++)
	{
		distance_kernels = distance_available()[i];
		random_state = 1;
		test_rotation();
		test_mixing();
		test_encoding();
		test_pair_distance();
		test_edges();
		test_odd_edges();
		test_tightness();
		test_bounds();
	}
	return tests_done();
}
