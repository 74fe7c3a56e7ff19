-- Texts to vectors by TF-IDF weighted random indexing (Kanerva, Kristoferson
-- and Holst 2000; Sahlgren 2005): every word gets a random direction, the
-- same each time, and a text is the sum of its words' directions, the rare
-- words counting more. Texts that share rare words point the same way.
-- PostgreSQL's full-text search finds the words; no model is needed.

-- The words of each text, with how often they stand in it.
CREATE TABLE words AS
SELECT p.id, w.lexeme, least(cardinality(w.positions), 3) AS times
FROM packages p,
     unnest(to_tsvector('english', replace(p.name, '-', ' ') || ' ' ||
                                   p.description)) AS w;

-- A word's direction: 8 of 256 coordinates, chosen by the 8 bytes of a hash,
-- plus or minus by the bits of another; its length: ln(texts / texts with it).
CREATE FUNCTION direction(word text, length float8) RETURNS vector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    place bytea := int8send(hashtextextended(word, 1));
    signs bigint := hashtextextended(word, 2);
    v float4[] := array_fill(0::float4, ARRAY[256]);
BEGIN
    FOR i IN 0..7 LOOP
        v[1 + get_byte(place, i)] := v[1 + get_byte(place, i)] +
            CASE WHEN (signs >> i) & 1 = 1 THEN length ELSE -length END;
    END LOOP;
    RETURN v::vector;
END $$;

CREATE TABLE directions AS
SELECT lexeme, direction(lexeme, ln(texts / n)) AS v
FROM (SELECT lexeme, count(*) AS n FROM words GROUP BY lexeme) w,
     (SELECT count(*)::float8 AS texts FROM packages) p
WHERE n BETWEEN 2 AND texts / 4;
ANALYZE words, directions;

-- A text's vector: the sum, made length 1.
CREATE TABLE vectors AS
SELECT w.id, l2_normalize(sum(d.v))::vector(256) AS v
FROM words w
JOIN directions d USING (lexeme), generate_series(1, w.times)
GROUP BY w.id;
