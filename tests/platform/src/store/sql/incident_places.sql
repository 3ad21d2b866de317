-- Duplicates are looked for around a place: a busy category has thousands of reports within three days.
CREATE INDEX incident_by_place ON incident (category, lat, lon);
DROP INDEX incident_by_category;
