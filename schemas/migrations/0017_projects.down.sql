-- Takes back what 0017_projects.up.sql made, with everything in it.

DROP TABLE public.assets;
DROP TABLE public.project_members;
DROP TABLE public.projects;
DROP TABLE public.clients;
DROP TABLE public.locations;
