-- A transport company: the plain, well-kept kind of schema, in depth.
CREATE TYPE vehicle_kind AS ENUM ('van', 'truck', 'trailer');
CREATE DOMAIN plate AS varchar(10) CHECK (VALUE ~ '^[A-Z0-9 -]+$');
CREATE DOMAIN non_negative AS numeric(10,2) CHECK (VALUE >= 0);
CREATE TABLE depots (
	depot_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name varchar(80) NOT NULL,
	place point NOT NULL,
	opens time NOT NULL DEFAULT '06:00',
	closes timetz,
	holidays daterange[] NOT NULL DEFAULT '{}',
	open_hours int4multirange NOT NULL DEFAULT '{}',
	updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE vehicles (
	plate plate PRIMARY KEY,
	kind vehicle_kind NOT NULL,
	depot_id bigint NOT NULL REFERENCES depots ON DELETE RESTRICT,
	tows plate UNIQUE REFERENCES vehicles,
	capacity non_negative NOT NULL DEFAULT 0,
	built smallint CHECK (built > 1950),
	mileage bigint NOT NULL DEFAULT 0 CHECK (mileage >= 0),
	sensors jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(sensors) = 'array'),
	service_interval interval NOT NULL DEFAULT '1 year'
);
CREATE TABLE drivers (
	driver_no int PRIMARY KEY,
	name text NOT NULL CHECK (length(btrim(name)) > 0),
	licence char(11) NOT NULL UNIQUE,
	hired date NOT NULL DEFAULT CURRENT_DATE,
	left_on date,
	boss int REFERENCES drivers (driver_no),
	password_digest text,
	CONSTRAINT left_after_hired CHECK (left_on IS NULL OR left_on >= hired)
);
CREATE TABLE tours (
	tour_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	vehicle plate NOT NULL REFERENCES vehicles (plate) ON UPDATE CASCADE,
	driver_no int NOT NULL REFERENCES drivers,
	codriver_no int REFERENCES drivers,
	planned tstzrange NOT NULL,
	state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'started', 'done')),
	toll numeric(8,2) CHECK (toll > 0 AND toll <= 9999.99),
	distance real, -- km
	fuel double precision CHECK (fuel >= 0.5 AND fuel <= 1e3),
	CHECK (driver_no <> codriver_no)
);
CREATE TABLE stops (
	tour_id uuid NOT NULL REFERENCES tours ON DELETE CASCADE,
	position smallint NOT NULL CHECK (position BETWEEN 1 AND 99),
	depot_id bigint NOT NULL REFERENCES depots,
	arrived timestamp,
	waited interval GENERATED ALWAYS AS (interval '0') STORED,
	PRIMARY KEY (tour_id, position)
);
CREATE TABLE parcels (
	parcel_id bigserial PRIMARY KEY,
	tour_id uuid,
	position smallint,
	weight numeric NOT NULL CHECK (weight > 0),
	hazard bit(8) NOT NULL DEFAULT B'00000000',
	label text NOT NULL COLLATE "C" DEFAULT '',
	search tsvector GENERATED ALWAYS AS (to_tsvector('simple', label)) STORED,
	photo bytea,
	UNIQUE (tour_id, position, label),
	FOREIGN KEY (tour_id, position) REFERENCES stops MATCH FULL DEFERRABLE
);
CREATE TABLE positions (
	vehicle plate NOT NULL REFERENCES vehicles, at timestamptz NOT NULL, place point NOT NULL, speed real CHECK (speed >= 0 AND speed < 400),
	last_update timestamp NOT NULL DEFAULT localtimestamp,
	PRIMARY KEY (vehicle, at)
) PARTITION BY HASH (vehicle);
CREATE TABLE positions_0 PARTITION OF positions FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE positions_1 PARTITION OF positions FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE VIEW tour_overview AS
	SELECT t.tour_id, t.state, v.kind, d.name AS driver, count(s.*) AS stops, lower(t.planned) AS starts
	FROM tours t JOIN vehicles v ON v.plate = t.vehicle JOIN drivers d USING (driver_no) LEFT JOIN stops s USING (tour_id)
	GROUP BY t.tour_id, v.kind, d.name;
CREATE VIEW active_drivers AS SELECT driver_no, name FROM drivers WHERE left_on IS NULL;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := clock_timestamp(); RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON depots FOR EACH ROW EXECUTE FUNCTION touch();
CREATE FUNCTION tours_of(no int) RETURNS SETOF tours LANGUAGE sql STABLE AS 'SELECT * FROM tours WHERE driver_no = no';
CREATE FUNCTION total_weight(tour uuid) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT coalesce(sum(weight), 0) FROM parcels WHERE tour_id = tour';
CREATE FUNCTION stop_count(tour uuid) RETURNS TABLE (state text, n bigint) LANGUAGE sql STABLE AS 'SELECT state, count(*) FROM tours JOIN stops USING (tour_id) WHERE tour_id = tour GROUP BY state';
