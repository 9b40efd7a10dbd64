#!/bin/sh
# A cold function: started for one call. The body is on standard input up to its end, what is written to standard output is the answer,
# exit code 0 is success. Standard error is the log.
exec tr '[:lower:]' '[:upper:]'
