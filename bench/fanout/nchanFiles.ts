import { existsSync } from 'node:fs';

/** nginx and its module Nchan, where Debian's packages nginx-light and libnginx-mod-nchan put them. */
export const NGINX = '/usr/sbin/nginx';
export const NCHAN_MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so';

export const isNchanInstalled = (): boolean => existsSync(NCHAN_MODULE) && existsSync(NGINX);
