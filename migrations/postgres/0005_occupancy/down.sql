DROP TABLE occupancy;
DROP EXTENSION btree_gist;
