DROP INDEX case_open;
