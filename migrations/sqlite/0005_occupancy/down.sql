DROP TABLE occupancy;
