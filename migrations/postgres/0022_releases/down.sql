DROP INDEX case_closed_in_time;
DROP TABLE release;
