SELECT position, status
FROM (VALUES (1, 'PENDING'), (2, 'RESTORING'), (3, 'RESTORED'), (4, 'COPIED'), (5, 'FAILED'), (6, 'EXPIRED'))
    AS v (position, status)
