CREATE SCHEMA billing;
CREATE TABLE patients (id bigint PRIMARY KEY, referred_by bigint REFERENCES patients);
CREATE TABLE rooms (building text, number int, PRIMARY KEY (building, number));
CREATE TABLE visits (
  id bigint PRIMARY KEY,
  patient_id bigint NOT NULL REFERENCES patients ON DELETE CASCADE,
  building text,
  number int,
  FOREIGN KEY (building, number) REFERENCES rooms
);
CREATE INDEX visits_by_patient ON visits (patient_id);
CREATE TABLE billing.invoices (id bigint, visit_id bigint REFERENCES visits, issued date, PRIMARY KEY (id, issued)) PARTITION BY RANGE (issued);
CREATE TABLE billing.invoices_2025 PARTITION OF billing.invoices FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE billing.items (id bigint PRIMARY KEY, invoice_id bigint, issued date, FOREIGN KEY (invoice_id, issued) REFERENCES billing.invoices);
CREATE INDEX items_partly ON billing.items (invoice_id, issued) WHERE issued > '2025-06-01';
