-- Takes back what 0016_insights_and_files.up.sql made, with everything in it.

DROP TABLE public.file_access_log;
DROP TABLE public.file_shares;
DROP TABLE public.file_versions;
DROP TABLE public.files;
DROP TABLE public.storage_quotas;
DROP TABLE public.insights;
DELETE FROM weir.partitioned_tables WHERE (table_schema, table_name) = ('public', 'file_access_log');
