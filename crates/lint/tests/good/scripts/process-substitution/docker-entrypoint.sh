#!/bin/bash
exec server --log - > >(logger -t server) 2>&1
