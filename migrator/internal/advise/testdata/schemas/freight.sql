-- A freight company: several schemas, and foreign keys of every kind, with and
-- without an index that serves them.
CREATE SCHEMA ops;
CREATE SCHEMA "Billing";

CREATE TABLE ops.depots (region int, code text, PRIMARY KEY (region, code));
CREATE TABLE ops.trucks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plate text NOT NULL UNIQUE,
    home_region int,
    home_code text,
    replaces bigint REFERENCES ops.trucks, -- of itself, not indexed
    FOREIGN KEY (home_region, home_code) REFERENCES ops.depots
);
CREATE INDEX trucks_home ON ops.trucks (home_code, home_region); -- the other order does as well

CREATE TABLE ops.drivers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    truck_id bigint REFERENCES ops.trucks,
    backup_id bigint REFERENCES ops.trucks,
    region int,
    code text,
    FOREIGN KEY (region, code) REFERENCES ops.depots
);
CREATE INDEX drivers_truck ON ops.drivers USING hash (truck_id);
CREATE INDEX drivers_backup ON ops.drivers (backup_id) WHERE backup_id > 10; -- partial: does not count
CREATE INDEX drivers_region ON ops.drivers (region);                        -- half of the key

CREATE TABLE ops.trips (
    id bigint NOT NULL,
    day date NOT NULL,
    truck_id bigint NOT NULL REFERENCES ops.trucks,
    driver_id bigint NOT NULL REFERENCES ops.drivers,
    PRIMARY KEY (day, id)
) PARTITION BY RANGE (day);
CREATE TABLE ops.trips_2025 PARTITION OF ops.trips FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE ops.trips_2026 PARTITION OF ops.trips FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX trips_truck ON ops.trips (truck_id);

CREATE TABLE ops.stops (
    day date,
    trip_id bigint,
    place int,
    truck_id bigint,
    PRIMARY KEY (day, trip_id, place), -- begins with the reference
    FOREIGN KEY (day, trip_id) REFERENCES ops.trips,
    FOREIGN KEY (truck_id) REFERENCES ops.trucks
);
CREATE INDEX stops_truck ON ops.stops (abs(truck_id), truck_id); -- begins with an expression
CREATE INDEX stops_place ON ops.stops (place) INCLUDE (truck_id); -- holds it, but not as a key

CREATE TABLE "Billing"."Invoices" (
    "Id" bigint PRIMARY KEY,
    "TripDay" date,
    "TripId" bigint,
    "Payer, main" bigint,
    CONSTRAINT "Trip" FOREIGN KEY ("TripDay", "TripId") REFERENCES ops.trips (day, id),
    CONSTRAINT "Trip again" FOREIGN KEY ("TripDay", "TripId") REFERENCES ops.trips (day, id) ON DELETE CASCADE
);
CREATE TABLE "Billing"."Lines" (
    "Invoice" bigint PRIMARY KEY REFERENCES "Billing"."Invoices",
    "Copy" bigint UNIQUE REFERENCES "Billing"."Invoices",
    "Odd ""name""" bigint REFERENCES "Billing"."Invoices"
);
